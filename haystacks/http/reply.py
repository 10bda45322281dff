"""An answer that is coming over a connection."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from haystacks.errors import BadAnswer
from haystacks.http.call import Take

# A client that reads slowly makes the upstream wait, not our memory grow.
HIGH_WATER: Final = 256 * 1024


class Line(Protocol):
    """What a reply asks of the connection that it comes over."""

    def abort(self) -> None:
        """Close at once."""
        ...

    def resume(self) -> None:
        """Let the upstream send on."""
        ...


class HttpReply:
    """An answer that is coming; fits ``Reply`` in ``call``. With ``raw`` its body is not unpacked.

    What comes while somebody waits for it goes to him in the same turn of the event
    loop: to wake his task for it would cost as much again as all that he does.
    """

    __slots__ = (
        "_complete",
        "_connection",
        "_error",
        "_inflate",
        "_loop",
        "_parts",
        "_size",
        "_take",
        "_waiter",
        "headers",
        "raw",
        "status",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: Line) -> None:
        self._loop = loop
        self._connection: Line | None = connection
        self._parts: list[bytes] = []
        self._size = 0
        self._complete = False
        self._error: BaseException | None = None
        self._inflate: Callable[[bytes], bytes] | None = None
        self._waiter: asyncio.Future[bool] | None = None
        self._take: Take | None = None
        self.raw = False
        self.status = 0
        self.headers: Mapping[str, str] = {}

    async def head(self) -> None:
        """Wait for the status and the headers. Raises ``Dropped`` or an ``UpstreamError``."""
        while not self.status:
            await self._news()

    async def flow(self, take: Take) -> bool:
        """Give the body to ``take`` as it arrives; return whether that was all of it."""
        enough = False
        while not enough:
            if self._parts:
                enough = bool(take(self._taken()))
            elif self._complete and self._error is None:
                return True
            else:
                enough = await self._news(take)
        return False

    async def read(self) -> bytes:
        """Return the whole body."""
        parts: list[bytes] = []
        try:
            await self.flow(parts.append)
        finally:
            self.close()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Drop the connection, unless its answer came to its end."""
        if self._connection is not None:
            self._connection.abort()
            self._connection = None

    # -- What the connection tells

    def begin(self, status: int, headers: dict[str, str]) -> None:
        """Take the head of the answer."""
        self.status = status
        self.headers = headers
        encoding = "identity" if self.raw else headers.get("content-encoding", "identity").lower()
        if encoding in {"gzip", "x-gzip", "deflate"}:
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress
        elif encoding not in {"identity", ""}:
            self.fail(BadAnswer(f"the upstream answered in the encoding {encoding}, unasked"))
        self._wake()

    def take(self, data: bytes) -> bool:
        """Take a piece of the body; true when more must wait."""
        if self._error is not None:
            return False
        if self._inflate is not None:
            try:
                data = self._inflate(data)
            except zlib.error as error:
                self.fail(BadAnswer(f"the upstream's answer can't be unpacked: {error}"))
                return False
        if data:
            self._parts.append(data)
            self._size += len(data)
        return self._size > HIGH_WATER

    def pass_on(self) -> None:
        """Give what was taken to whoever waits for it; what he raises is raised to him."""
        take, waiter = self._take, self._waiter
        if take is None or waiter is None or waiter.done() or not self._parts:
            return
        try:
            if take(self._taken()):
                waiter.set_result(True)
        except BaseException as error:  # noqa: BLE001 - nothing is swallowed: ``flow`` raises it
            self.fail(error)

    def finish(self) -> None:
        """Know that the answer is whole, and the connection no longer ours."""
        self._complete = True
        self._connection = None
        self._wake()

    def fail(self, error: BaseException) -> None:
        """End the answer here."""
        self._error = self._error or error
        self._wake()

    def _taken(self) -> bytes:
        parts, held_back = self._parts, self._size > HIGH_WATER
        self._parts = []
        self._size = 0
        if held_back and self._connection is not None:
            self._connection.resume()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _news(self, take: Take | None = None) -> bool:
        """Wait for what is told next; return whether ``take`` had enough of what came meanwhile."""
        if self._error is not None:
            raise self._error
        self._take = take
        self._waiter = self._loop.create_future()
        try:
            return await self._waiter
        finally:
            self._waiter = self._take = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(False)
