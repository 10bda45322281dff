"""A provider that falls silent in the midst of a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.standin import Seen, Wire


@dataclass(frozen=True, slots=True)
class HeldBefore:
    """A stream that waits for ``gate`` before the first piece that holds ``mark``."""

    mark: bytes
    gate: asyncio.Event
    pieces: Callable[[Seen], Iterable[bytes]]

    async def play(self, request: Seen, wire: Wire) -> None:
        await wire.begin(200, request.stream_head)
        for piece in self.pieces(request):
            if self.mark in piece:
                await self.gate.wait()
            await wire.chunk(piece)
        await wire.end()
