"""The time of the replayed day: it moves when the day says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """``now`` is in Unix seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def reach(self, moment: float) -> None:
        """Go on to a moment, and never back."""
        self.now = max(self.now, moment)
