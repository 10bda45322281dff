"""What a simulated model says: canonical request in, canonical message out.

The same request always gets the same message, its ids included.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from haystacks.dialect import Json
from haystacks.schema_sample import sample

_QUOTED: Final = 80
_CALLING: Final = frozenset({"call", "run", "tool", "tools", "use", "using"})
_REMINDER: Final = re.compile(r"<system-reminder>.*?</system-reminder>", re.DOTALL)
_WORD: Final = re.compile(r"[\w-]+(?:[.:][\w-]+)*")


def compose(request: Json) -> Json:
    """Return the message that the simulated model answers this request with.

    It calls the tools that ``tool_choice`` forces or that the user's last words
    name beside "use", "call" or "tool"; it quotes the tool results that have
    just come; it fills in the schema that the answer must have; else it greets.
    Tokens are counted as four characters each.
    """
    digest = hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).digest()
    model = request.get("model", "")
    said = _Said.read(request.get("messages", []))
    calls = _calls(request, said)
    content: list[Json] = []
    if (request.get("thinking") or {}).get("type") in {"enabled", "adaptive"}:
        content.append(
            {
                "type": "thinking",
                "thinking": f"The user says {_quoted(said.text)}. I am {model}, and simulated.",
                "signature": base64.b64encode(digest).decode(),
            }
        )
    if not (calls and _forced(request)):
        content.append(_text(_words(request, said, calls)))
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


def _words(request: Json, said: _Said, calls: Sequence[Json]) -> str:
    model = request.get("model", "")
    schema = _answer_schema(request)
    if calls:
        return f"I will use {' and '.join(tool['name'] for tool in calls)}."
    if schema is not None:
        return orjson.dumps(sample(schema)).decode()
    if said.results:
        results = " and ".join(_quoted(result) for result in said.results)
        return f"The tool says {results}. That is all that {model} wanted to know."
    return (
        f"Hello! I am {model}, simulated inside Rolegraph: no provider was asked. "
        f"You said {_quoted(said.text)}."
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """The user's last words, and the tool results since the model last spoke."""

    text: str
    results: tuple[str, ...]

    @classmethod
    def read(cls, messages: Sequence[Json]) -> _Said:
        text = ""
        results: list[str] = []
        spoken = False
        for message in reversed(messages):
            spoken = spoken or message["role"] == "assistant"
            if message["role"] != "user":
                continue
            blocks = _blocks(message["content"])
            if not spoken:
                answers = (each for each in blocks if each["type"] == "tool_result")
                results[:0] = [_plain(each.get("content") or "") or "(no text)" for each in answers]
            text = text or _plain(message["content"])
        return cls(text, tuple(results))


def _blocks(content: Any) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _plain(content: Any) -> str:
    """Return the text of a string or of a list of blocks, without what clients inject."""
    parts = [each["text"] for each in _blocks(content) if each["type"] == "text"]
    return _REMINDER.sub("", "\n".join(parts)).strip()


def _answer_schema(request: Json) -> Json | None:
    answer_format: Json = (request.get("output_config") or {}).get("format") or {}
    return answer_format.get("schema") if answer_format.get("type") == "json_schema" else None


def _forced(request: Json) -> bool:
    return (request.get("tool_choice") or {}).get("type") in {"any", "tool"}


def _calls(request: Json, said: _Said) -> list[Json]:
    """Return the tools to call, in the order in which the user named them."""
    tools = {
        tool["name"]: tool
        for tool in request.get("tools") or ()
        if "name" in tool and "input_schema" in tool  # those without run at the provider
    }
    choice = request.get("tool_choice") or {"type": "auto"}
    named = [tools[name] for name in _named(said.text, list(tools))]
    match choice.get("type"):
        case "none":
            calls = []
        case "tool":
            calls = [tools[choice["name"]]] if choice.get("name") in tools else []
        case "any":
            calls = named or list(tools.values())[:1]
        case _:
            calls = [] if said.results else named
    return calls[:1] if choice.get("disable_parallel_tool_use") else calls


def _named(text: str, names: Sequence[str]) -> list[str]:
    """Return the names that stand beside a word of calling, or are joined to one that does."""
    by_word = {name.lower(): name for name in names}
    words = _WORD.findall(text.lower())
    found: dict[str, None] = {}
    for at, word in enumerate(words):
        before = words[max(0, at - 2) : at]
        called = _CALLING.intersection([*before, *words[at + 1 : at + 2]])
        joined = before[-1:] == ["and"] and by_word.get(before[0]) in found
        if word in by_word and (called or joined):
            found[by_word[word]] = None
    return list(found)


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
