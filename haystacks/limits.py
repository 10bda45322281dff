"""How much may be sent in a minute, and at once; counted in shared state.

A sliding minute is taken from two fixed ones, as Cloudflare does it ("How we
built rate limiting capable of scaling to millions of domains", 2017): what
this minute holds, and of the last one the part that the sliding one still covers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from haystacks.money import nano, rounded
from haystacks.pool import NO_LIMITS, Limits
from haystacks.shared import Amount, Shared, negated

WINDOW: Final = 60

# A process that dies never gives its places back. So each is counted in the
# window in which it was taken, and with that window it is forgotten: a request
# that takes longer than three of them is no longer counted.
PLACE_WINDOW: Final = 300
PLACE_WINDOWS: Final = 4


@dataclass(frozen=True, slots=True)
class Refused:
    """Something is at its limit ``what``; there is room again in so many ``seconds``.

    ``never``: this request alone is larger than the limit.
    """

    what: str
    seconds: float
    never: bool = False


class Entry:
    """A request that was let in, until ``leave``."""

    __slots__ = ("_limiter", "_limits", "_minute", "_name", "_place", "_tokens", "left")

    def __init__(
        self, limiter: Limiter, name: str, limits: Limits, now: float, tokens: int
    ) -> None:
        self._limiter = limiter
        self._name = name
        self._limits = limits
        self._minute = int(now // WINDOW)
        self._place = int(now // PLACE_WINDOW)
        self._tokens = tokens
        self.left = limits == NO_LIMITS

    def leave(self, tokens: int | None = None, usd: float = 0.0) -> None:
        """Give its place back, once, and tell what it has used; tokens left out: as estimated."""
        if self.left:
            return
        self.left = True
        limits, amounts = self._limits, []
        if limits.concurrency is not None:
            amounts.append(_place(self._name, self._place, -1))
        more = 0 if tokens is None else tokens - self._tokens
        if limits.tokens_per_minute is not None and more:
            # What was not used is taken back where it was counted; what was used more is used now.
            minute = self._limiter.minute() if more > 0 else self._minute
            amounts.append(_rate(self._name, "tokens", minute, more))
        if limits.usd_per_minute is not None and usd:
            amounts.append(_rate(self._name, "usd", self._limiter.minute(), nano(usd)))
        if amounts:
            self._limiter.shared.note(amounts)


class Limiter:
    """Lets requests in, each under the name of what is limited. ``clock`` tells Unix time."""

    def __init__(self, shared: Shared, clock: Callable[[], float] = time.time) -> None:
        self.shared = shared
        self._clock = clock

    def minute(self) -> int:
        """Return the number of the minute that it is."""
        return int(self._clock() // WINDOW)

    async def enter(self, name: str, limits: Limits, tokens: int = 0) -> Entry | Refused:
        """Count a request of so many tokens, or count nothing and say which limit is reached.

        A whole limit may be used at once. Dollars are known when they are spent:
        no request begins after a minute's are.
        """
        now = self._clock()
        rates = _rates(limits, tokens)
        minute, place = int(now // WINDOW), int(now // PLACE_WINDOW)
        amounts = [
            _rate(name, what, each, by if each == minute else 0)
            for what, _, by in rates
            for each in (minute, minute - 1)
        ]
        if limits.concurrency is not None:
            windows = range(place, place - PLACE_WINDOWS, -1)
            amounts += [_place(name, each, int(each == place)) for each in windows]
        if not amounts:
            return Entry(self, name, limits, now, tokens)
        totals = await self.shared.add(amounts)
        refused = _refusals(rates, totals, now % WINDOW)
        if limits.concurrency is not None:
            at_once = sum(max(0, total) for total in totals[-PLACE_WINDOWS:])
            if at_once > limits.concurrency:
                refused.append(Refused(f"{_requests(limits.concurrency)} at the same time", 1.0))
        if refused:
            self.shared.note(negated(amounts))
            return max(refused, key=lambda each: (each.never, each.seconds))
        return Entry(self, name, limits, now, tokens)


def wait(limit: int, by: int, current: int, previous: int, elapsed: float) -> float:
    """Return the seconds until ``by`` more fit in; 0 if they do, infinity if they never will.

    ``current`` is what the minute holds that began ``elapsed`` seconds ago,
    ``previous`` what the one before it held. ``by`` 0 asks for any room at all.
    """
    room = limit - by if by else limit - 1
    if room < 0:
        return float("inf")
    current, previous = max(0, current), max(0, previous)
    if current + previous * (1 - elapsed / WINDOW) <= room:
        return 0.0
    if current <= room:  # the last minute has to fade
        return WINDOW * (1 - (room - current) / previous) - elapsed
    return WINDOW - elapsed + WINDOW * (1 - room / current)


def _rates(limits: Limits, tokens: int) -> list[tuple[str, int, int]]:
    """Return what is limited by the minute: its name, its limit, and what a request adds."""
    rates = []
    if limits.requests_per_minute is not None:
        rates.append(("requests", limits.requests_per_minute, 1))
    if limits.tokens_per_minute is not None:
        rates.append(("tokens", limits.tokens_per_minute, tokens))
    if limits.usd_per_minute is not None:
        rates.append(("usd", nano(limits.usd_per_minute), 0))
    return rates


def _refusals(
    rates: Sequence[tuple[str, int, int]], totals: Sequence[int], elapsed: float
) -> list[Refused]:
    """Return the limits by the minute that are reached; for each, ``totals`` of both minutes."""
    refused = []
    for index, (what, limit, by) in enumerate(rates):
        current, previous = totals[2 * index] - by, totals[2 * index + 1]
        if seconds := wait(limit, by, current, previous, elapsed):
            never = seconds == float("inf")
            words = f"{_words(what, limit)} a minute"
            refused.append(Refused(words, WINDOW if never else seconds, never))
    return refused


def _words(what: str, limit: int) -> str:
    match what:
        case "requests":
            return _requests(limit)
        case "usd":
            return rounded(limit)
    return f"{limit:,} {what}"


def _requests(count: int) -> str:
    return f"{count:,} {'request' if count == 1 else 'requests'}"


def _rate(name: str, what: str, minute: int, by: int) -> Amount:
    return Amount(f"limit:{name}:{what}:{minute}", by, 3 * WINDOW)


def _place(name: str, window: int, by: int) -> Amount:
    return Amount(f"limit:{name}:places:{window}", by, (PLACE_WINDOWS + 1) * PLACE_WINDOW)
