"""What was said in a request and its answer, where the owner wants it kept."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Sequence
from typing import Any, Final

import orjson

from haystacks.dialect import Json
from haystacks.http.call import Take
from haystacks.http.sse import EventParser
from haystacks.stream import Flow
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

    def __init__(self, messages: Any) -> None:
        try:
            written = orjson.dumps(messages)[-CHARACTERS - _MARGIN :]
        except orjson.JSONEncodeError:
            # It nests deeper than can be written; a provider may read it all the same.
            written = b""
        self._request = written.decode("utf-8", "ignore")
        self._answer: list[str] = []
        self._room = CHARACTERS + _MARGIN
        self._parser = EventParser()

    def hear(self, text: str) -> None:
        """Take a piece of the answer."""
        if self._room > 0 and text:
            self._answer.append(text[: self._room])
            self._room -= len(text)

    def listen(self, flow: Flow) -> Flow:
        """Return the flow of a stream of any client dialect, with what its events say heard."""

        def heard(write: Take) -> Awaitable[bool]:
            def hear_first(piece: bytes) -> object:
                if self._room > 0:
                    for event in self._parser.feed(piece):
                        self.hear("".join(_said(event.data)))
                return write(piece)

            return flow(hear_first)

        return heard

    def text(self) -> str:
        """Return both as JSON, without secrets."""
        request = redact_text(self._request)[-CHARACTERS:]
        answer = redact_text("".join(self._answer))[:CHARACTERS]
        return orjson.dumps({"request": request, "answer": answer}).decode()


def _said(data: bytes) -> Iterator[str]:
    """Yield the text of one event: of a block, of a choice, or of a response's item.

    What a provider sends is passed on as it is, so it may be anything.
    """
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    delta = _object(event).get("delta")
    if isinstance(delta, str):
        yield delta
    yield from _texts(delta, _ANTHROPIC)
    for choice in _list(_object(event).get("choices")):
        told = _object(_object(choice).get("delta"))
        yield from _texts(told, _CHAT)
        for call in _list(told.get("tool_calls")):
            yield from _texts(_object(call).get("function"), ("arguments",))


def _texts(told: Any, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if isinstance(found := _object(told).get(name), str):
            yield found


def _object(found: Any) -> Json:
    return found if isinstance(found, dict) else {}


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []
