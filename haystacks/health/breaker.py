"""A circuit breaker: what keeps failing is left alone for a while, then tried with one call."""

from __future__ import annotations

from typing import Final

from haystacks.health.window import Window
from haystacks.pool import Tolerance

SAMPLES: Final = 20
"""A rate of fewer is chance: with one of two lost, nothing is known yet."""

PATIENCE: Final = 60.0
"""Seconds after which a trial that nobody told the end of counts for none. It takes as long as a
provider may need for its first byte; a lost one must never keep the breaker shut."""


class Breaker:
    """One thing that may fail: a candidate, or the connection to a haystack.

    In use, until ``failed`` ejects it. When the time of the ejection is over, one call at
    a time may try: if it fails, the ejection begins anew and is twice as long; else
    it is in use again. Each stretch in use as long as the last ejection takes a
    doubling back. Times are of any clock that only goes forward.
    """

    __slots__ = ("_in_row", "_length", "_since", "_step", "_trial", "_window", "reason", "until")

    def __init__(self) -> None:
        self._in_row = 0
        self._window: Window | None = None  # from the first failure on: most have none
        self._step = 0  # doublings of the next ejection
        self._length = 0.0  # of the last one
        self._since = 0.0  # when it was in use again
        self._trial = 0.0  # until when the call that tries may take; 0: none does
        self.until = 0.0
        self.reason = ""

    @property
    def ejected(self) -> bool:
        """Whether it is ejected, its trial included."""
        return self.until > 0.0

    def admits(self, now: float, tolerance: Tolerance) -> bool:
        """Tell whether a user's call may go there.

        Where probes of our own decide, users try only if none has come for long.
        """
        return not self.until or (now >= self.until + 3 * tolerance.probe and now >= self._trial)

    def begin(self, now: float) -> bool:
        """Note that a call is made; return whether it is a trial, of something ejected."""
        if not self.until:
            return False
        if now >= self.until:
            self._trial = now + PATIENCE
        return True

    def answered(self, now: float, *, trial: bool) -> bool:
        """Note that a call was answered; return whether this ended an ejection."""
        if not self.until or not trial:
            return False
        self._return(now)
        return True

    def succeeded(self, now: float) -> None:
        """Count a call that ended well."""
        self._in_row = 0
        if self._window is not None:
            self._window.add(now, first=1)

    def failed(self, now: float, tolerance: Tolerance, cause: str, *, trial: bool = False) -> float:
        """Count a failure; return for how many seconds it ejects, 0 if it doesn't.

        What had begun before an ejection, or went on as the last resort, doesn't lengthen it.
        """
        self._in_row += 1
        if self.until:
            if not trial or now < self.until:
                return 0.0
            return self._eject(now, tolerance, f"{cause} again")
        if self._window is None:
            self._window = Window(tolerance.window)
        window = self._window
        window.add(now, second=1)
        if self._in_row >= tolerance.failures:
            return self._eject(now, tolerance, f"{self._in_row} failures in a row, last: {cause}")
        calls = window.first + window.second
        if calls >= SAMPLES and window.first < tolerance.success_rate * calls:
            told = f"{window.second} of {calls} calls failed, last: {cause}"
            return self._eject(now, tolerance, told)
        return 0.0

    def abandoned(self) -> None:
        """Note that a call was given up by its caller: it says nothing."""
        self._trial = 0.0

    def told(self, now: float, seconds: float, reason: str) -> None:
        """Follow another process: ejected for so long, or with 0 in use again."""
        if seconds > 0:
            self.until = max(self.until, now + seconds)
            self.reason = reason
        elif self.until:
            self._return(now)

    def _eject(self, now: float, tolerance: Tolerance, reason: str) -> float:
        if not self.until and self._length:
            self._step = max(0, self._step - int((now - self._since) / self._length))
        self._length = min(tolerance.eject * 2.0**self._step, tolerance.eject_most)
        if self._length < tolerance.eject_most:
            self._step += 1
        self._trial = 0.0
        self.until = now + self._length
        self.reason = reason
        return self._length

    def _return(self, now: float) -> None:
        self.until = self._trial = 0.0
        self.reason = ""
        self._in_row = 0
        self._window = None
        self._since = now
