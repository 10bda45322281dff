"""What a simulated model hears in a request: words, tool results, and the tools it should call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from haystacks.dialect import Json

_CALLING: Final = frozenset({"call", "run", "tool", "tools", "use", "using"})
_REMINDER: Final = re.compile(r"<system-reminder>.*?</system-reminder>", re.DOTALL)
_WORD: Final = re.compile(r"[\w-]+(?:[.:][\w-]+)*")


@dataclass(frozen=True, slots=True)
class Heard:
    """The user's last words, and the tool results since the model last spoke."""

    text: str
    results: tuple[str, ...]

    @classmethod
    def of(cls, messages: Sequence[Json]) -> Heard:
        """Listen to a conversation; what clients inject is not heard."""
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
    parts = [each["text"] for each in _blocks(content) if each.get("type") == "text"]
    return _REMINDER.sub("", "\n".join(parts)).strip()


def is_forced(request: Json) -> bool:
    """Tell whether the client leaves no choice but to call a tool."""
    return (request.get("tool_choice") or {}).get("type") in {"any", "tool"}


def wanted_calls(request: Json, heard: Heard) -> list[Json]:
    """Return the tools to call, in the order in which the user named them."""
    tools = {
        tool["name"]: tool
        for tool in request.get("tools") or ()
        if "name" in tool and "input_schema" in tool  # those without run at the provider
    }
    choice = request.get("tool_choice") or {"type": "auto"}
    named = [tools[name] for name in _named(heard.text, list(tools))]
    match choice.get("type"):
        case "none":
            calls = []
        case "tool":
            calls = [tools[choice["name"]]] if choice.get("name") in tools else []
        case "any":
            calls = named or list(tools.values())[:1]
        case _:
            calls = [] if heard.results else named
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
