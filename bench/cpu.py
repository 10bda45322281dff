"""What a process has used, as Linux accounts for it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """``cpu`` is user and system seconds since the start; ``rss`` bytes resident now.

    The kernel counts in ticks of 10 ms, so a difference wants a second of work.
    """

    cpu: float
    rss: int


def usage(pid: int) -> Usage:
    """Read the usage of one process, its threads included, its children not."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    # The name may hold spaces and brackets; what follows the last one is plain.
    fields = stat.rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return Usage(ticks / _TICKS_PER_SECOND, int(fields[21]) * _PAGE_BYTES)
