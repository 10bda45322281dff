"""Anthropic's stream: the canonical events, as bytes and back."""

from __future__ import annotations

from typing import Final

import orjson

from haystacks.classify import from_event
from haystacks.dialect import Json, StreamDecoder, StreamEncoder, TokenEstimate
from haystacks.dialects.anthropic.course import Course
from haystacks.dialects.stream_reader import StreamReader, parse
from haystacks.errors import BadAnswer, StreamBroken
from haystacks.http.sse import frame

# A ping isn't passed on: this server keeps its own clients waiting.
_KNOWN: Final = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    }
)

_HEADS: Final = {kind: b"event: %b\ndata: " % kind.encode() for kind in _KNOWN}

_PING: Final = frame(b"ping", b'{"type":"ping"}')


def stream_decoder(estimate: TokenEstimate) -> StreamDecoder:
    """Return a fresh decoder; nothing is estimated, since Anthropic names its usage."""
    del estimate
    return _Decoder()


def stream_encoder(request: Json) -> StreamEncoder:
    """Return the encoder; it is the same for every request."""
    del request
    return _Encoder()


class _Decoder(StreamReader):
    """Passes known events on as they are; unknown ones are news of tomorrow, and skipped."""

    __slots__ = ("_course",)

    def __init__(self) -> None:
        super().__init__()
        self._course = Course()

    def _read(self, data: bytes) -> list[Json]:
        event = parse(data)
        kind = event.get("type")
        if isinstance(kind, str) and kind in _KNOWN:
            if not self._course.fits(event):
                raise BadAnswer(f"the upstream sent a {kind} that is none, or out of place")
            self._ended = kind == "message_stop"
            return [event]
        failure = from_event(event)
        if failure is not None:
            raise failure
        if not isinstance(kind, str):
            raise BadAnswer("the upstream sent an event without a type")
        return []

    def _close(self) -> list[Json]:
        raise StreamBroken("the upstream's stream ended before its message did")


class _Encoder:
    """Writes each event under its own name."""

    __slots__ = ()

    def feed(self, event: Json) -> bytes:
        kind = event["type"]
        data = orjson.dumps(event)
        if head := _HEADS.get(kind):
            return head + data + b"\n\n"
        return frame(kind.encode(), data)  # a transformer of the home's own may say anything

    def ping(self) -> bytes:
        return _PING

    def error(self, status: int, kind: str, message: str) -> bytes:
        del status
        error = {"type": "error", "error": {"type": kind, "message": message}}
        return frame(b"error", orjson.dumps(error))
