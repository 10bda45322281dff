"""Write a request that came from another dialect for an Anthropic upstream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.anthropic.thinking import fit_thinking
from haystacks.dialects.anthropic.thinking_history import is_foreign
from haystacks.dialects.turns import Turn, turns
from haystacks.pool import Model

_DEFAULT_MAX_TOKENS: Final = 8192
"""Anthropic wants a number; this one every current model can give."""

_ASSISTANT_FIRST: Final = "(The assistant speaks first.)"


def encode_request(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return a body that Anthropic accepts; see ``Dialect.encode_request``."""
    messages = _messages(canonical["messages"], adaptation)
    body = {
        **canonical,
        "model": model.id,
        "messages": messages,
        "max_tokens": _max_tokens(canonical, model),
    }
    _filter_stops(body, adaptation)
    if "temperature" in body and "top_p" in body:
        del body["top_p"]  # newer models refuse the two together
        adaptation.note("top_p dropped beside temperature")
    return fit_thinking(body, model, adaptation)


def _max_tokens(canonical: Json, model: Model) -> int:
    asked: int = canonical.get("max_tokens", _DEFAULT_MAX_TOKENS)
    return min(asked, model.max_output or asked)


def _filter_stops(body: Json, adaptation: Adaptation) -> None:
    stops = body.get("stop_sequences")
    if stops is None:
        return
    kept = [stop for stop in stops if stop.strip()]
    if kept != stops:
        adaptation.note("blank stop sequences dropped")
        body["stop_sequences"] = kept


def _messages(messages: list[Json], adaptation: Adaptation) -> list[Json]:
    """Return alternating turns, a user's first, without foreign thinking."""
    folded = [_folded(turn, adaptation) for turn in turns(messages)]
    joined = turns(folded)
    if not joined:
        adaptation.refuse("every message is empty")
    if joined and joined[0].role == "assistant":
        adaptation.note("a user message put first")
        joined.insert(0, Turn("user", [{"type": "text", "text": _ASSISTANT_FIRST}]))
    if joined and joined[-1].role == "assistant":
        _trim_end(joined[-1])
    return [{"role": turn.role, "content": turn.blocks} for turn in joined]


def _folded(turn: Turn, adaptation: Adaptation) -> Json:
    """Turn a late system message into a reminder in the user's voice."""
    if turn.role != "system":
        return {"role": turn.role, "content": list(_signed(turn.blocks, adaptation))}
    adaptation.note("late system message sent as system-reminder")
    return {"role": "user", "content": [_reminder(block) for block in turn.blocks]}


def _reminder(block: Json) -> Json:
    if block["type"] != "text":
        return block
    text = f"<system-reminder>\n{block['text']}\n</system-reminder>"
    return {"type": "text", "text": text}


def _signed(blocks: Iterable[Json], adaptation: Adaptation) -> Iterable[Json]:
    for block in blocks:
        if is_foreign(block):
            adaptation.note("another provider's thinking removed")
        else:
            yield block


def _trim_end(turn: Turn) -> None:
    """Cut the white space that Anthropic refuses at the end of a prefilled answer."""
    last = turn.blocks[-1]
    if last["type"] == "text":
        turn.blocks[-1] = {**last, "text": last["text"].rstrip()}
