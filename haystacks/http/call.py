"""One upstream call on the wire: what is sent, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Mapping
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

    def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it arrives; raises ``UpstreamTimeout`` or ``StreamBroken``."""
        ...

    async def read(self) -> bytes:
        """Return the whole body; raises as ``chunks`` does."""
        ...

    def close(self) -> None:
        """Drop the connection unless the body was read to its end. Safe to call twice."""
        ...
