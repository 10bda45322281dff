"""What providers do instead of answering."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

import orjson

from tests.standin.answer import SPEECHES, Answer
from tests.standin.wire import JSON, Json, Seen, Wire

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_MORTAL = Answer(text="This answer is long enough to die in its middle.")


def refused_url() -> str:
    """Return a URL on which nobody listens: connecting is refused."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@dataclass(frozen=True, slots=True)
class Status:
    """An error status. ``body``: JSON, bytes as they are, or a message for the usual envelope."""

    code: int
    body: Json | bytes | str = "scripted failure"
    headers: Mapping[str, str] = field(default_factory=dict)

    async def play(self, request: Seen, wire: Wire) -> None:
        body = self.body
        if isinstance(body, str):
            kind = _KINDS.get(self.code, "api_error")
            body = SPEECHES[request.speech].error(kind, body)
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        await wire.whole(self.code, {**JSON, **self.headers}, raw)


@dataclass(frozen=True, slots=True)
class Html:
    """A web page where an answer should be, as gateways in between send it."""

    code: int = 502
    page: bytes = b"<html><body><h1>502 Bad Gateway</h1></body></html>"

    async def play(self, _request: Seen, wire: Wire) -> None:
        await wire.whole(self.code, {"content-type": "text/html"}, self.page)


@dataclass(frozen=True, slots=True)
class Reset:
    """A TCP reset instead of an answer."""

    async def play(self, _request: Seen, wire: Wire) -> None:
        wire.reset()


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing, for ever; with ``head``, a 200 first."""

    head: bool = False

    async def play(self, request: Seen, wire: Wire) -> None:
        if self.head:
            await wire.begin(200, request.stream_head)
        await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class Raw:
    """These bytes on the socket, head and all; then it closes, unless told not to."""

    data: bytes
    close: bool = True

    async def play(self, _request: Seen, wire: Wire) -> None:
        await wire.send(self.data)
        if self.close:
            wire.close()


@dataclass(frozen=True, slots=True)
class Events:
    """A stream of exactly these pieces, each sent by itself; ``clean`` ends it properly."""

    pieces: tuple[bytes, ...] = ()
    clean: bool = True

    async def play(self, request: Seen, wire: Wire) -> None:
        await wire.begin(200, request.stream_head)
        for piece in self.pieces:
            await wire.chunk(piece)
        if self.clean:
            await wire.end()
        else:
            wire.close()


@dataclass(frozen=True, slots=True)
class CloseBeforeFirstEvent:
    """The head of a stream, and no stream; ``clean`` ends the empty body properly."""

    clean: bool = False

    async def play(self, request: Seen, wire: Wire) -> None:
        await Events(clean=self.clean).play(request, wire)


@dataclass(frozen=True, slots=True)
class DieMidStream:
    """``after`` events of an answer, then the end: ``mid_event`` in the midst of one.

    ``last_words`` is the kind of an error event to end with; ``clean`` ends
    the body properly, so that only the missing events tell.
    """

    after: int = 3
    mid_event: bool = False
    last_words: str = ""
    clean: bool = False
    answer: Answer = _MORTAL

    async def play(self, request: Seen, wire: Wire) -> None:
        frames = self.answer.frames(request)
        pieces = list(islice(frames, self.after))
        if self.mid_event:
            broken = next(frames)
            pieces.append(broken[: len(broken) // 2])
        if self.last_words:
            speech = SPEECHES[request.speech]
            pieces.append(speech.error_frame(self.last_words, "scripted failure"))
        await Events(tuple(pieces), clean=self.clean).play(request, wire)


@dataclass(frozen=True, slots=True)
class ErrorFirst:
    """A 200 whose first event is an error."""

    kind: str = "overloaded_error"
    message: str = "Overloaded"

    async def play(self, request: Seen, wire: Wire) -> None:
        frame = SPEECHES[request.speech].error_frame(self.kind, self.message)
        await Events((frame,)).play(request, wire)
