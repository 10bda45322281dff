"""An answer that is coming over a connection."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Final, Protocol

from haystacks.errors import BadAnswer, UpstreamTimeout

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
    """An answer that is coming; fits ``Reply`` in ``call``. ``deadline`` is of the loop's clock.

    With ``raw`` its body is not unpacked.

    Silence is ended by the connection; so the deadline of the whole is only
    looked at when something comes.
    """

    __slots__ = (
        "_complete",
        "_connection",
        "_deadline",
        "_error",
        "_inflate",
        "_loop",
        "_parts",
        "_size",
        "_waiter",
        "headers",
        "raw",
        "status",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: Line, deadline: float) -> None:
        self._loop = loop
        self._connection: Line | None = connection
        self._deadline = deadline
        self._parts: list[bytes] = []
        self._size = 0
        self._complete = False
        self._error: BaseException | None = None
        self._inflate: Callable[[bytes], bytes] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.raw = False
        self.status = 0
        self.headers: Mapping[str, str] = {}

    async def head(self) -> None:
        """Wait for the status and the headers. Raises ``Dropped`` or an ``UpstreamError``."""
        while not self.status:
            await self._news()

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it arrives."""
        try:
            while True:
                if self._parts:
                    if self._loop.time() > self._deadline:
                        raise UpstreamTimeout("the upstream took longer than its haystack allows")
                    yield self._taken()
                elif self._complete and self._error is None:
                    return
                else:
                    await self._news()
        finally:
            self.close()

    async def read(self) -> bytes:
        """Return the whole body."""
        try:
            taken = []
            while not self._complete or self._error is not None:
                await self._news()
                taken.append(self._taken())
                if self._loop.time() > self._deadline:
                    raise UpstreamTimeout("the upstream took longer than its haystack allows")
            taken.append(self._taken())
            return b"".join(taken)
        finally:
            self.close()

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
        self._parts.append(data)
        self._size += len(data)
        self._wake()
        return self._size > HIGH_WATER

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
        parts = self._parts
        self._parts = []
        self._size = 0
        if self._connection is not None:
            self._connection.resume()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _news(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
