"""Two counts over the last seconds."""

from __future__ import annotations

from collections import deque
from typing import Final

_SLOTS: Final = 10
"""Into so many slots a window is cut: what is old leaves it a slot at a time."""


class Window:
    """How often two things happened in the last ``seconds``, a tenth of them more or less.

    ``first`` and ``second`` are right as of the last call of ``turn`` or ``add``.
    """

    __slots__ = ("_seconds", "_slots", "first", "second")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds / _SLOTS
        self._slots: deque[list[int]] = deque()  # number of the slot, and its two counts
        self.first = 0
        self.second = 0

    def add(self, now: float, first: int = 0, second: int = 0) -> None:
        """Count what happens now."""
        number = int(now // self._seconds)
        slots = self._slots
        if not slots or slots[-1][0] != number:
            self.turn(now)
            slots.append([number, 0, 0])
        slot = slots[-1]
        slot[1] += first
        slot[2] += second
        self.first += first
        self.second += second

    def turn(self, now: float) -> None:
        """Forget what is older than the window."""
        oldest = int(now // self._seconds) - _SLOTS
        slots = self._slots
        while slots and slots[0][0] <= oldest:
            _, first, second = slots.popleft()
            self.first -= first
            self.second -= second
