"""A file on its way in: on disk while it arrives, whole when it is finished, or gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from pathlib import Path
from typing import Final

from server.files.gone import gone
from server.files.kind import Evidence

# Large enough that a hop to a thread costs nothing beside it, and all that memory ever holds.
_BLOCK: Final = 1024 * 1024


class Spool:
    """Takes the bytes of one file; whoever opens it ends it with ``discard``.

    A block is opened, written and closed in one go: no descriptor outlives a request
    that is cancelled. Raises ``StorageGone`` where the disk is full.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / secrets.token_hex(16)
        self.evidence = Evidence()
        self.size = 0
        self._waiting: list[bytes] = []
        self._held = 0

    async def write(self, data: bytes) -> None:
        """Take more bytes."""
        self.size += len(data)
        self._waiting.append(data)
        self._held += len(data)
        if self._held >= _BLOCK:
            await self._flush()

    async def finish(self) -> None:
        """Have all of it on the disk, so that not even a cut of the power loses it."""
        await self._flush(sync=True)

    def discard(self) -> None:
        """Leave nothing behind, unless the file has been moved away."""
        with contextlib.suppress(OSError):  # the sweep will find it
            self.path.unlink(missing_ok=True)

    async def _flush(self, *, sync: bool = False) -> None:
        block = b"".join(self._waiting)
        self._waiting.clear()
        first, self._held = self.size == self._held, 0
        with gone(OSError):
            await asyncio.to_thread(self._append, block, first=first, sync=sync)

    def _append(self, block: bytes, *, first: bool, sync: bool) -> None:
        self.evidence.see(block)
        if first:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        # Never made anew: a thread may come late, after all is discarded.
        flags = os.O_WRONLY | os.O_APPEND | (os.O_CREAT | os.O_EXCL if first else 0)
        with os.fdopen(os.open(self.path, flags, 0o600), "wb") as file:
            file.write(block)
            if sync:
                file.flush()
                os.fsync(file.fileno())


def sweep(folder: Path, seconds: float) -> None:
    """Remove what a crash left behind: nobody has written to it for so many seconds."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.stat().st_mtime < time.time() - seconds:
            path.unlink(missing_ok=True)
