"""Where a stream leaves for its client, piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from starlette.types import Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl

from server.departure import Departure

_KEY = "rolegraph.outlet"


class Outlet(Protocol):
    """Takes the body of an answer whose head is sent. ``last`` is when it took something."""

    last: float

    def write(self, piece: bytes) -> bool:
        """Send a piece; true where no more may follow before ``drain``."""
        ...

    async def drain(self) -> None:
        """Wait until the client has taken enough of what was written."""
        ...


class Line:
    """The connection itself: a piece is on its way in the turn of the loop in which it came.

    ASGI's way, by a task that wakes up for each piece, takes longer than all the rest.
    It still sends the head and the end; in between the body is chunked.
    """

    __slots__ = ("_departure", "_flow", "_time", "_write", "last")

    def __init__(
        self,
        write: Callable[[bytes], None],
        flow: FlowControl,
        departure: Departure,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._write = write
        self._flow = flow
        self._departure = departure
        self._time = loop.time
        self.last = 0.0

    def write(self, piece: bytes) -> bool:
        """Send a piece as a chunk of its own; when the client has left, to nobody."""
        self.last = self._time()
        if self._departure.gone:
            return True
        self._write(b"%x\r\n%b\r\n" % (len(piece), piece))
        return self._flow.write_paused

    async def drain(self) -> None:
        """Wait while the connection is full."""
        await self._flow.drain()

    def show(self, scope: Scope) -> None:
        """Make this the outlet of a request."""
        scope[_KEY] = self


class Asgi:
    """The way through any ASGI server."""

    __slots__ = ("_held", "_send", "_time", "last")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._time = asyncio.get_running_loop().time
        self._held = b""
        self.last = 0.0

    def write(self, piece: bytes) -> bool:
        """Hold a piece until it is drained."""
        self.last = self._time()
        self._held += piece
        return True

    async def drain(self) -> None:
        """Send what is held."""
        if held := self._held:
            self._held = b""
            await self._send({"type": "http.response.body", "body": held, "more_body": True})


def outlet_of(scope: Scope, send: Send) -> Outlet:
    """Return the outlet of a request."""
    outlet: Outlet | None = scope.get(_KEY)
    return outlet or Asgi(send)
