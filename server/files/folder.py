"""Contents of files in a folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from server.files.gone import gone

_PIECE: Final = 1024 * 1024


class Folder:
    """Keeps each content as a file, put in its place by one rename."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, name: str, path: Path) -> None:
        """Move a file that is safe on the disk to its place, and make the move safe too."""
        with gone(OSError):
            await asyncio.to_thread(self._move, path, self._folder / name)

    async def pieces(self, name: str) -> AsyncIterator[bytes]:
        """Yield a content; opened for each piece, so that nothing is left open by who leaves."""
        at = 0
        while True:
            with gone(OSError):
                piece = await asyncio.to_thread(self._read, self._folder / name, at)
            if not piece:
                return
            at += len(piece)
            yield piece

    async def remove(self, name: str) -> None:
        """Remove a content, if there is one."""
        with gone(OSError):
            await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)

    def _read(self, path: Path, at: int) -> bytes:
        with path.open("rb") as file:
            file.seek(at)
            return file.read(_PIECE)

    def _move(self, path: Path, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
