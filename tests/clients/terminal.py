"""A terminal of tmux, in which a program runs as before a person."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

TMUX = shutil.which("tmux")
TIME_LIMIT = 45


@dataclass(frozen=True, slots=True)
class Terminal:
    """One terminal; ``told`` gives a line whenever something happens in it."""

    socket: Path
    told: asyncio.StreamReader

    async def type(self, text: str) -> None:
        """Type a line, and press the key at its end."""
        await _tmux(self.socket, "send-keys", "-l", text)
        await _tmux(self.socket, "send-keys", "Enter")

    async def screen(self) -> str:
        """Return what stands on the screen."""
        return await _tmux(self.socket, "capture-pane", "-p")

    async def until(self, words: str) -> None:
        """Wait for words on the screen; an ``AssertionError`` shows it if they never come."""
        try:
            async with asyncio.timeout(TIME_LIMIT):
                while words not in await self.screen():
                    assert await self.told.readline(), "the program has ended"
        except TimeoutError:
            raise AssertionError(f"no {words!r} on:\n{await self.screen()}") from None


@asynccontextmanager
async def terminal(
    folder: Path, environ: Mapping[str, str], *command: str
) -> AsyncIterator[Terminal]:
    """Run a program in a terminal of its own, until the block ends."""
    assert TMUX is not None
    socket = folder / "tmux"
    size = ("-x", "160", "-y", "48", "-c", str(folder))
    # In control mode tmux tells of every output, so nobody has to look again and again.
    control = await asyncio.create_subprocess_exec(
        *(TMUX, "-S", str(socket), "-f", "/dev/null", "-C", "new-session", *size, *command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**environ, "TERM": "xterm-256color"},
    )
    assert control.stdout is not None
    assert control.stdin is not None
    try:
        yield Terminal(socket, control.stdout)
    finally:
        control.stdin.write(b"kill-server\n")
        control.stdin.close()
        async with asyncio.timeout(TIME_LIMIT):
            await asyncio.gather(control.stdout.read(), control.wait())


async def _tmux(socket: Path, *command: str) -> str:
    assert TMUX is not None
    asked = await asyncio.create_subprocess_exec(
        *(TMUX, "-S", str(socket), *command), stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await asked.communicate()
    return printed.decode()
