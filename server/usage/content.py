"""What was said in a request and its answer, where the owner wants it kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import Any, Final

import orjson

from haystacks.dialect import Json
from haystacks.sse import EventParser
from server.redact import redact_text

# Of the messages the end is kept, which is new; of the answer the beginning.
CHARACTERS: Final = 64 * 1024
# Read beyond it, so that a secret at the edge is whole when secrets are taken out.
_MARGIN: Final = 4096

# Where Anthropic's events have text, and where those of chat completions do.
_ANTHROPIC: Final = ("text", "thinking", "partial_json")
_CHAT: Final = ("content", "reasoning_content", "refusal")


class Content:
    """The last messages of a canonical request, and what was answered, both bounded."""

    __slots__ = ("_answer", "_parser", "_request", "_room")

    def __init__(self, messages: Sequence[Json]) -> None:
        written = orjson.dumps(messages)[-CHARACTERS - _MARGIN :]
        self._request = written.decode("utf-8", "ignore")
        self._answer: list[str] = []
        self._room = CHARACTERS + _MARGIN
        self._parser = EventParser()

    def hear(self, text: str) -> None:
        """Take a piece of the answer."""
        if self._room > 0 and text:
            self._answer.append(text[: self._room])
            self._room -= len(text)

    async def listen(self, pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Pass on a stream of any client dialect, and hear what its events say."""
        async with aclosing(pieces):
            async for piece in pieces:
                if self._room > 0:
                    for event in self._parser.feed(piece):
                        if event.data.startswith(b"{"):
                            self.hear("".join(_said(orjson.loads(event.data))))
                yield piece

    def text(self) -> str:
        """Return both as JSON, without secrets."""
        request = redact_text(self._request)[-CHARACTERS:]
        answer = redact_text("".join(self._answer))[:CHARACTERS]
        return orjson.dumps({"request": request, "answer": answer}).decode()


def _said(event: Any) -> Iterator[str]:
    """Yield the text of one event: of a block, of a choice, or of a response's item."""
    delta = event.get("delta")
    if isinstance(delta, str):
        yield delta
    elif isinstance(delta, dict):
        yield from _texts(delta, _ANTHROPIC)
    for choice in event.get("choices") or ():
        told = choice.get("delta") or {}
        yield from _texts(told, _CHAT)
        for call in told.get("tool_calls") or ():
            yield from _texts(call.get("function") or {}, ("arguments",))


def _texts(told: Json, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if isinstance(found := told.get(name), str):
            yield found
