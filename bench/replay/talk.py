"""One conversation as its client sends it: the whole history, each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bench.replay.ask import Ask
from haystacks.dialect import Json
from haystacks.pool import DialectName

_MARK: Final = {"cache_control": {"type": "ephemeral"}}


@dataclass(slots=True)
class Talk:
    """A conversation under way; ``fixed`` are the fields that every request repeats.

    ``size`` is the length of the history in characters.
    """

    role: str
    lane: str
    dialect: DialectName
    fixed: Json
    headers: Mapping[str, str]
    messages: list[Json] = field(default_factory=list)
    size: int = 0

    def hear(self, content: Sequence[Json]) -> None:
        """Add what the user wrote, or what tools answered, to the user's newest message."""
        before: list[Json] = []
        if self.messages and self.messages[-1]["role"] == "user":
            before = self.messages.pop()["content"]
        self.messages.append({"role": "user", "content": [*before, *content]})
        self.size += sum(map(length, content))

    def ask(self, at: float, turn: str, answer: Sequence[Json], **headers: str) -> Ask:
        """Return the next request, and take its answer into the history.

        Where the client marks what should be cached, it marks the newest block,
        as Claude Code does.
        """
        asked = Ask(
            at=at,
            role=self.role,
            lane=self.lane,
            turn=turn,
            dialect=self.dialect,
            headers={**self.headers, **{name.replace("_", "-"): headers[name] for name in headers}},
            body={**self.fixed, "messages": self._marked()},
            answer=tuple(answer),
        )
        self.messages.append({"role": "assistant", "content": list(answer)})
        self.size += sum(map(length, answer))
        return asked

    def forget(self, summary: Sequence[Json]) -> None:
        """Begin anew with a summary of all that was said."""
        self.messages, self.size = [], 0
        self.hear(summary)

    def _marked(self) -> list[Json]:
        if self.dialect != "anthropic":
            return list(self.messages)
        last = self.messages[-1]
        *before, newest = last["content"]
        return [*self.messages[:-1], {**last, "content": [*before, {**newest, **_MARK}]}]


def length(block: Json) -> int:
    """Return the characters of a block that a model reads or writes."""
    match block:
        case {"type": "text", "text": str(text)}:
            return len(text)
        case {"type": "tool_use", "input": dict(given)}:
            return sum(len(str(each)) for each in given.values())
        case {"type": "tool_result", "content": str(text)}:
            return len(text)
        case _:
            return len(str(block))


def text(words: str) -> Json:
    """Return a block of text."""
    return {"type": "text", "text": words}


def marked(words: str) -> Json:
    """Return a block of text that ends what the provider should keep."""
    return {**text(words), **_MARK}


def tools(*named: tuple[str, int], filler: str) -> list[Json]:
    """Return tools with descriptions of so many characters."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"path": {"type": "string"}, "text": {"type": "string"}},
        "required": ["path"],
    }
    return [
        {"name": name, "description": filler[:size], "input_schema": schema} for name, size in named
    ]
