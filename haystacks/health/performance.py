"""How a candidate answers real traffic: measures in which what is older counts less."""

from __future__ import annotations

from typing import Final

from haystacks.health.measures import Measures

HALF_LIFE: Final = 300.0
"""Seconds after which an answer counts half. A provider's bad quarter of an hour shows within
minutes, and an agent's few requests a minute still add up to a sample."""

_FORGOTTEN: Final = 1e-3
"""Of one answer, after ten half-lives: less than that is no measure of anything."""

_SHORTEST: Final = 1e-3
"""Seconds: what comes in one piece came at no measurable speed."""


class Performance:
    """One candidate. Sums that all decay at the same rate: their ratios are weighted means."""

    __slots__ = (
        "_all",
        "_at",
        "_first",
        "_firsts",
        "_good",
        "_seconds",
        "_spoken",
        "_tokens",
        "_whole",
        "in_flight",
    )

    def __init__(self) -> None:
        self._at = 0.0
        self._all = 0.0  # attempts
        self._good = 0.0  # those that brought an answer
        self._firsts = 0.0  # streamed answers, and the seconds to their first token
        self._first = 0.0
        self._tokens = 0.0  # what was written, and in how many seconds
        self._spoken = 0.0
        self._whole = 0.0  # answers of any kind, and their seconds
        self._seconds = 0.0
        self.in_flight = 0

    def begun(self) -> None:
        """Count a call under way."""
        self.in_flight += 1

    def ended(self) -> None:
        """Count its end; one that had begun before all of this was forgotten was never counted."""
        self.in_flight = max(0, self.in_flight - 1)

    def failed(self, now: float) -> None:
        """Count an attempt that brought no answer."""
        self._age(now)
        self._all += 1.0

    def answered(
        self, now: float, output_tokens: int, seconds: float, first_token_seconds: float | None
    ) -> None:
        """Count an answer. One that was not streamed has no time to its first token."""
        self._age(now)
        self._all += 1.0
        self._good += 1.0
        self._whole += 1.0
        self._seconds += seconds
        if first_token_seconds is not None:
            self._firsts += 1.0
            self._first += first_token_seconds
            seconds -= first_token_seconds
        if output_tokens > 0:
            self._tokens += output_tokens
            self._spoken += max(seconds, _SHORTEST)

    def measures(self, now: float) -> Measures | None:
        """Return the view as of now, or ``None`` if nothing is known any more.

        Where nothing was streamed, the whole answer's time stands for that of
        the first token: a client sees nothing earlier.
        """
        samples = self._all * self._factor(now)
        if samples < _FORGOTTEN:
            return None
        if self._firsts > _FORGOTTEN:
            first = self._first / self._firsts
        else:
            first = self._seconds / self._whole if self._whole > _FORGOTTEN else 0.0
        return Measures(
            samples=samples,
            first_token=first,
            tokens_per_second=self._tokens / self._spoken if self._spoken > _SHORTEST**2 else 0.0,
            success=self._good / self._all,
            in_flight=self.in_flight,
        )

    def _factor(self, now: float) -> float:
        passed = now - self._at
        return float(0.5 ** (passed / HALF_LIFE)) if passed > 0 else 1.0

    def _age(self, now: float) -> None:
        factor = self._factor(now)
        self._at = max(self._at, now)
        if self._all * factor < _FORGOTTEN:
            factor = 0.0
        self._all *= factor
        self._good *= factor
        self._firsts *= factor
        self._first *= factor
        self._tokens *= factor
        self._spoken *= factor
        self._whole *= factor
        self._seconds *= factor
