"""Where finished requests are written down: a moment later, many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from server.record import Record

DELAY_SECONDS: Final = 0.05


class Ledger:
    """Writes records behind the back of the requests: nobody waits, and a batch costs less.

    Each goes to the log, and all of them at once to ``also``.
    """

    def __init__(self, also: Callable[[Sequence[Record]], None]) -> None:
        self._also = also
        self._records: list[Record] = []

    def add(self, record: Record) -> None:
        """Take a request that has ended."""
        self._records.append(record)
        if len(self._records) == 1:
            asyncio.get_running_loop().call_later(DELAY_SECONDS, self.flush)

    def flush(self) -> None:
        """Write everything that was taken."""
        records, self._records = self._records, []
        for record in records:
            record.write()
        self._also(records)
