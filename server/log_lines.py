"""Where log lines go: together, a moment later, so that no request pays for a write."""

from __future__ import annotations

import asyncio
import atexit
from typing import BinaryIO, Final

DELAY_SECONDS: Final = 0.05


class LogLines:
    """Writes lines to a stream; fits what structlog asks of a logger.

    Lines of the event loop's thread are collected and written together soon
    after; all others, and those of a process about to end, at once. A process
    that is killed loses the last moment.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines: list[bytes] = []
        atexit.register(self.flush)

    def msg(self, line: bytes | str) -> None:
        """Take one line, without its end."""
        self._lines.append(line.encode() if isinstance(line, str) else line)
        if len(self._lines) > 1:
            return  # somebody is about to write already
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
        else:
            loop.call_later(DELAY_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what has been collected."""
        lines, self._lines = self._lines, []
        if lines:
            self._stream.write(b"\n".join(lines) + b"\n")
            self._stream.flush()

    debug = info = warning = error = critical = exception = log = msg
