"""A streamed answer on its way to the client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

from haystacks.dialect import Json, StreamDecoder, StreamEncoder
from haystacks.dialects.told_usage import update_usage
from haystacks.errors import BadAnswer, RolegraphError, UpstreamError
from haystacks.http.call import Reply, Take
from haystacks.usage import Tally, Usage

# Some servers keep the connection open after their last event. A moment is enough for
# the usual end, which saves the connection.
LINGER_SECONDS = 0.05

_SAID: Final = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
}


Flow = Callable[[Take], Awaitable[bool]]
"""Writes a stream as it comes; see ``Stream.flow``."""


class Pipe(Protocol):
    """What stands between the upstream's bytes and the client's."""

    @property
    def started(self) -> bool:
        """Whether a first meaningful event went through."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the last event of the answer went through."""
        ...

    @property
    def error(self) -> UpstreamError | None:
        """The upstream's failure, after which nothing more will come.

        It passed to the client as it came, or ``finish`` raises it.
        """
        ...

    @property
    def usage(self) -> Json:
        """The canonical counts that were told so far."""
        ...

    @property
    def stop_reason(self) -> str:
        """The canonical reason for which the answer ended; empty until it is told."""
        ...

    @property
    def said(self) -> str:
        """The output so far."""
        ...

    def feed(self, chunk: bytes) -> bytes:
        """Return what this chunk means for the client: whole events only."""
        ...

    def finish(self) -> bytes:
        """Return the rest; raises ``StreamBroken`` on a cut stream."""
        ...


class Translation:
    """A pipe between two dialects."""

    __slots__ = (
        "_answer_as",
        "_decoder",
        "_encoder",
        "_said",
        "complete",
        "error",
        "started",
        "stop_reason",
        "usage",
    )

    def __init__(self, decoder: StreamDecoder, encoder: StreamEncoder, answer_as: str = "") -> None:
        self._decoder = decoder
        self._encoder = encoder
        self._answer_as = answer_as
        self._said: list[str] = []
        self.usage: Json = {}
        self.started = False
        self.complete = False
        self.stop_reason = ""
        self.error: UpstreamError | None = None

    @property
    def said(self) -> str:
        """The output so far."""
        return "".join(self._said)

    def feed(self, chunk: bytes) -> bytes:
        """Translate the events that this chunk completes."""
        out = self._encode(self._decoder.feed(chunk))
        self.error = self._decoder.failure
        return out

    def finish(self) -> bytes:
        """Translate what the decoder held back."""
        return self._encode(self._decoder.finish())

    def _encode(self, events: list[Json]) -> bytes:
        encode = self._encoder.feed
        out = b""
        for event in events:
            kind = event["type"]
            if kind == "content_block_delta":
                delta = event["delta"]
                if field := _SAID.get(delta["type"]):
                    self._said.append(delta[field])
            elif kind != "content_block_stop":
                event = self._noted(event)  # noqa: PLW2901 - one of the few that tell of the message
            out += encode(event)
        return out

    def _noted(self, event: Json) -> Json:
        """Keep what an event tells of the whole answer; return it as the client shall see it."""
        match event["type"]:
            case "message_start":
                message = event["message"]
                update_usage(self.usage, message.get("usage"))
                self.started = True
                if self._answer_as:
                    return {**event, "message": {**message, "model": self._answer_as}}
            case "message_delta":
                update_usage(self.usage, event.get("usage"))
                self.stop_reason = event["delta"].get("stop_reason") or ""
            case "message_stop":
                self.complete = True
        return event


class Stream:
    """The client's bytes, event by event, from the first meaningful one on.

    ``open`` must have returned before ``flow`` is asked: until then every failure is an
    exception, so that another candidate may be tried. After it a failure
    becomes an error event of the client's dialect, the last of the stream, and
    stands in ``broken``. ``head`` holds the bytes up to the first event.
    Whoever takes it calls ``close``, and when the client has all of it ``release``.
    """

    __slots__ = ("_encoder", "_pipe", "_reply", "_tally", "_whole", "broken", "head")

    def __init__(self, reply: Reply, pipe: Pipe, encoder: StreamEncoder, tally: Tally) -> None:
        self._reply = reply
        self._pipe = pipe
        self._encoder = encoder
        self._tally = tally
        self._whole = False
        self.head = b""
        self.broken: RolegraphError | None = None

    async def open(self) -> None:
        """Read up to the first meaningful event. Raises an ``UpstreamError``."""
        pipe = self._pipe

        def take(chunk: bytes) -> bool:
            self.head += pipe.feed(chunk)
            return pipe.started

        await self._reply.flow(take)
        if not pipe.started:
            self.head += pipe.finish()
        if not pipe.started:
            raise BadAnswer("the upstream closed an empty stream")

    async def flow(self, write: Take) -> bool:
        """Write whole events as they come; return whether those were all.

        Where ``write`` has had enough, the rest waits until this is called again.
        Never raises an ``UpstreamError``.
        """
        pipe = self._pipe
        feed = pipe.feed

        def take(chunk: bytes) -> object:
            out = feed(chunk)
            return (out and write(out)) or pipe.complete or pipe.error

        try:
            if head := self.head:
                self.head = b""
                if write(head):
                    return False
            if not (pipe.complete or pipe.error):
                ended = await self._reply.flow(take)
                if not (ended or pipe.complete or pipe.error):
                    return False
            if out := pipe.finish():
                write(out)
            self.broken = pipe.error
            self._whole = pipe.error is None
        except UpstreamError as error:
            self.broken = error
            write(self._encoder.error(error.status, error.kind, error.message))
        return True

    def close(self) -> None:
        """Drop the upstream, unless the stream is whole."""
        if not self._whole:
            self._reply.close()

    async def release(self) -> None:
        """Read the end of the body, which gives the connection back to the pool; else drop it."""
        try:
            if self._whole:
                # How its connection ends is nobody's concern now.
                with suppress(TimeoutError, UpstreamError):
                    async with asyncio.timeout(LINGER_SECONDS):
                        await self._reply.flow(lambda _: True)
        finally:
            self._reply.close()

    def usage(self) -> Usage:
        """Return what the answer has cost so far."""
        pipe = self._pipe
        return self._tally.usage(
            pipe.usage, pipe.said, whole=self._whole, stop_reason=pipe.stop_reason
        )

    def ping(self) -> bytes:
        """Return what may be sent between two events while the upstream is silent."""
        return self._encoder.ping()

    def interrupted(self) -> bytes:
        """Return the end of a stream that can't go on, through no fault of the upstream."""
        if self._whole:
            return b""
        return self._encoder.error(503, "api_error", "the server is stopping")
