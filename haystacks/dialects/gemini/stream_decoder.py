"""Gemini's chunks -> canonical events."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from haystacks.classify import from_event
from haystacks.dialect import Json, StreamDecoder, TokenEstimate
from haystacks.dialects.gemini.answer import Answer
from haystacks.dialects.stream_reader import StreamReader, parse
from haystacks.errors import StreamBroken


def stream_decoder(
    estimate: TokenEstimate, *, new_id: Callable[[], str] = lambda: uuid4().hex
) -> StreamDecoder:
    """Return a fresh decoder; ``new_id`` names a message that the upstream did not name."""
    return _Decoder(Answer(new_id(), estimate))


class _Decoder(StreamReader):
    """One answer.

    ``message_start`` waits for the first content, so what fails behind an
    opening chunk that says nothing can still be tried elsewhere. Nothing marks
    the last chunk: old models name a finish reason in every one.
    """

    __slots__ = ("_answer", "_started")

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer
        self._started = False

    def _read(self, data: bytes) -> list[Json]:
        chunk = _parse(data)
        failure = from_event(chunk) if "error" in chunk else None
        if failure is not None:
            raise failure
        events = self._answer.read(chunk)
        if self._started or not events:
            return events
        return [self._start(), *events]

    def _close(self) -> list[Json]:
        answer = self._answer
        if not answer.finish:
            raise StreamBroken("the upstream's stream ended before its answer did")
        events = answer.blocks.close()
        stop = answer.stop_reason()
        if not self._started:
            events.insert(0, self._start())
        delta = {"stop_reason": stop, "stop_sequence": None}
        events.append({"type": "message_delta", "delta": delta, "usage": answer.usage()})
        events.append({"type": "message_stop"})
        self._ended = True
        return events

    def _start(self) -> Json:
        self._started = True
        usage = self._answer.usage() | {"output_tokens": 0}
        usage.pop("output_tokens_details", None)  # the end tells it
        return {"type": "message_start", "message": self._answer.message(usage)}


def _parse(data: bytes) -> Json:
    """Return a chunk, or the error that Google wraps in a list."""
    if data.startswith(b"["):
        data = data.strip().removeprefix(b"[").removesuffix(b"]")
    return parse(data)
