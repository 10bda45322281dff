"""One upstream call on the wire: what is sent, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from dataclasses import field
from typing import Protocol

from haystacks.pool import Timeouts
from kg.value import value


@value
class Upload:
    """A body that is still coming; ``length`` is in bytes, ``None`` where nobody knows.

    What ``pieces`` raises ends the call, and is raised by it.
    """

    pieces: AsyncIterable[bytes]
    length: int | None = None


@value
class Call:
    """A request to an upstream; header names are lower-case.

    ``whole`` means that nothing will be heard until the answer is complete: its
    first byte may take as long as all of it. An ``upload`` stands for the ``body``.
    With ``raw`` the answer's body stays in the encoding that it comes in.
    """

    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    timeouts: Timeouts
    whole: bool = False
    method: str = "POST"
    upload: Upload | None = None
    raw: bool = False


Take = Callable[[bytes], object]
"""Takes a piece of a body at once; says something true where the next must wait."""


class Reply(Protocol):
    """An upstream's answer once its status is known; header names are lower-case."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; of a repeated one, the last."""
        ...

    async def flow(self, take: Take) -> bool:
        """Give the body to ``take`` as it arrives; return whether that was all of it.

        Where ``take`` has had enough, the rest waits until this is called again, and
        soon the upstream does. Raises ``UpstreamTimeout``, ``StreamBroken``, and what
        ``take`` raises.
        """
        ...

    async def read(self) -> bytes:
        """Return the whole body; raises as ``flow`` does."""
        ...

    def close(self) -> None:
        """Drop the connection unless the body was read to its end. Safe to call twice."""
        ...


async def chunks_of(reply: Reply) -> AsyncGenerator[bytes]:
    """Yield the body as it arrives, no faster than it is taken; close the reply at the end."""
    parts: list[bytes] = []

    def take(piece: bytes) -> bool:
        parts.append(piece)
        return True

    try:
        ended = False
        while not ended:
            ended = await reply.flow(take)
            while parts:
                yield parts.pop()
    finally:
        reply.close()
