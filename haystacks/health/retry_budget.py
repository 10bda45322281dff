"""How many extra attempts may be made: an outage must not multiply the traffic."""

from __future__ import annotations

from typing import Final

from haystacks.health.window import Window

SECONDS: Final = 10.0
SHARE: Final = 0.2
"""Of the requests: enough to ride out a provider's bad minute until its breaker opens."""
FLOOR_PER_SECOND: Final = 10
"""Whatever the share, and all of a window's at once if need be: one agent with ten subagents, each
of them at the end of a chain of five, needs fifty; and no provider falls over from ten a second."""


class RetryBudget:
    """Extra attempts: at most a share of the requests of the last seconds, and a floor.

    The second and every later call of a request is extra, and so is the one
    beside it in a hedge.
    """

    __slots__ = ("_floor", "_share", "_window")

    def __init__(
        self,
        share: float = SHARE,
        floor_per_second: float = FLOOR_PER_SECOND,
        seconds: float = SECONDS,
    ) -> None:
        self._share = share
        self._floor = floor_per_second * seconds
        self._window = Window(seconds)

    def request(self, now: float) -> None:
        """Count a request: it earns its share."""
        self._window.add(now, first=1)

    def take(self, now: float) -> bool:
        """Tell whether one more attempt may be made, and count it if so."""
        window = self._window
        window.turn(now)
        if window.second + 1 > self._floor + self._share * window.first:
            return False
        window.add(now, second=1)
        return True

    def left(self, now: float) -> int:
        """Return how many extra attempts may be made now."""
        self._window.turn(now)
        return int(self._floor + self._share * self._window.first - self._window.second)
