"""What a simulated model says: canonical request in, canonical message out.

The same request always gets the same message, its ids included.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Final

import orjson

from haystacks.dialect import Json
from haystacks.simulated.heard import Heard, is_forced, wanted_calls
from haystacks.simulated.sample import sample

_QUOTED: Final = 80


def compose(request: Json) -> Json:
    """Return the message that the simulated model answers this request with.

    It calls the tools that ``tool_choice`` forces or that the user's last words
    name beside "use", "call" or "tool"; it quotes the tool results that have
    just come; it fills in the schema that the answer must have; else it greets.
    Tokens are counted as four characters each.
    """
    digest = hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).digest()
    model = request.get("model", "")
    heard = Heard.of(request.get("messages", []))
    calls = wanted_calls(request, heard)
    content: list[Json] = []
    if (request.get("thinking") or {}).get("type") in {"enabled", "adaptive"}:
        content.append(
            {
                "type": "thinking",
                "thinking": f"The user says {_quoted(heard.text)}. I am {model}, and simulated.",
                "signature": base64.b64encode(digest).decode(),
            }
        )
    if not (calls and is_forced(request)):
        content.append(_text(_words(request, heard, calls)))
    content += (
        {
            "type": "tool_use",
            "id": f"toolu_{_id(digest + bytes([index]))}",
            "name": tool["name"],
            "input": sample(tool["input_schema"]),
        }
        for index, tool in enumerate(calls)
    )
    content, reason, stop = _cut(
        content, request.get("max_tokens"), request.get("stop_sequences") or ()
    )
    return {
        "id": f"msg_{_id(digest)}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": reason,
        "stop_sequence": stop,
        "usage": {
            "input_tokens": _tokens(orjson.dumps(request).decode()),
            "output_tokens": sum(_tokens(_spoken(block)) for block in content),
        },
    }


def _words(request: Json, heard: Heard, calls: Sequence[Json]) -> str:
    model = request.get("model", "")
    schema = _answer_schema(request)
    if calls:
        return f"I will use {' and '.join(tool['name'] for tool in calls)}."
    if schema is not None:
        return orjson.dumps(sample(schema)).decode()
    if heard.results:
        results = " and ".join(_quoted(result) for result in heard.results)
        return f"The tool says {results}. That is all that {model} wanted to know."
    return (
        f"Hello! I am {model}, simulated inside Rolegraph: no provider was asked. "
        f"You said {_quoted(heard.text)}."
    )


def _answer_schema(request: Json) -> Json | None:
    answer_format: Json = (request.get("output_config") or {}).get("format") or {}
    return answer_format.get("schema") if answer_format.get("type") == "json_schema" else None


def _cut(
    content: Sequence[Json], limit: int | None, stops: Sequence[str]
) -> tuple[list[Json], str, str | None]:
    """Return the content up to the first stop sequence or the limit, and why it ends there."""
    kept: list[Json] = []
    left = limit if limit is not None else 1 << 62
    for block in content:
        spoken = _spoken(block)
        fits = _tokens(spoken) <= left
        if block["type"] == "text":
            text = spoken[: left * 4]
            stop = min((each for each in stops if each in text), key=text.index, default=None)
            if stop is not None:
                return [*kept, _text(text[: text.index(stop)])], "stop_sequence", stop
            if text:
                kept.append(_text(text))
        elif fits:
            kept.append(block)
        if not fits:
            return kept, "max_tokens", None
        left -= _tokens(spoken)
    calls = any(block["type"] == "tool_use" for block in kept)
    return kept, "tool_use" if calls else "end_turn", None


def _spoken(block: Json) -> str:
    """Return what of a block counts as output."""
    match block["type"]:
        case "tool_use":
            return orjson.dumps(block["input"]).decode()
        case kind:
            return str(block[kind])


def _tokens(text: str) -> int:
    return -(-len(text) // 4)


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= _QUOTED else line[:_QUOTED].rstrip() + '…'}”"


def _id(seed: bytes) -> str:
    return hashlib.sha256(seed).hexdigest()[:24]
