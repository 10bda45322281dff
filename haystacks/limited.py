"""The limits that haystacks have: asked before each attempt, told of its end."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

from haystacks.errors import LimitReached
from haystacks.limits import Entry, Limiter, Refused
from haystacks.pool import NO_LIMITS, Candidate, Haystack, Limits


@dataclass(frozen=True, slots=True)
class _Full:
    """Why the last attempt was not let in, until when that holds, and under which limits."""

    reason: str
    until: float
    limits: Limits


class LimitedHaystacks:
    """Lets attempts in, as a gate of the failover. ``clock`` tells Unix time.

    A haystack without limits costs nothing. ``share`` is the part of each limit that
    these attempts may fill, counted with all others; the rest is left to those.
    """

    def __init__(
        self,
        limiter: Limiter,
        clock: Callable[[], float] = time.time,
        *,
        share: float = 1.0,
    ) -> None:
        self._limiter = limiter
        self._clock = clock
        self._share = share
        self._inside: dict[str, deque[Entry]] = {}
        self._full: dict[str, _Full] = {}

    async def enter(self, candidate: Candidate, tokens: Callable[[], int]) -> LimitReached | None:
        """Count an attempt, or count nothing and return the reason, with the time to wait.

        ``tokens`` counts the request's; only a limit of tokens asks it.
        """
        haystack = candidate.haystack
        name, limits = haystack.name, haystack.limits
        if limits == NO_LIMITS:
            return None
        counted = tokens() if limits.tokens_per_minute is not None else 0
        allowed = limits if self._share == 1 else _part(limits, self._share, counted)
        entry = await self._limiter.enter(f"haystack:{name}", allowed, counted)
        if isinstance(entry, Refused):
            reason = f"at its limit of {entry.what}"
            if entry.never:  # others, which are smaller, may still be let in
                return LimitReached(reason)
            self._full[name] = _Full(reason, self._clock() + entry.seconds, limits)
            seconds = max(1, ceil(entry.seconds))
            return LimitReached(reason, headers={"retry-after": str(seconds)})
        self._inside.setdefault(name, deque()).append(entry)
        return None

    def leave(self, candidate: Candidate, tokens: int | None = None, usd: float = 0.0) -> None:
        """Count the end of an attempt, and what it has used; tokens left out: as estimated.

        What is counted are sums: which of the attempts it was does not matter.
        """
        name = candidate.haystack.name
        if inside := self._inside.get(name):
            # The oldest: a place is counted for some minutes, and one must not be kept for longer.
            inside.popleft().leave(tokens, usd)
            full = self._full.get(name)
            if full and full.limits.concurrency is not None:
                # Perhaps it was for want of a place: the next one asks.
                self._full.pop(name, None)

    @property
    def has_room(self) -> bool:
        """Whether no refusal of late still holds, also of a haystack that is gone meanwhile."""
        if self._full:
            now = self._clock()
            self._full = {name: full for name, full in self._full.items() if full.until > now}
        return not self._full

    def full(self, haystack: Haystack) -> str:
        """Return why an attempt would not be let in, as far as the last refusal tells."""
        full = self._full.get(haystack.name)
        if full is None:
            return ""
        if full.limits != haystack.limits or full.until <= self._clock():
            # Long requests are routed in a thread: it may be gone already.
            self._full.pop(haystack.name, None)
            return ""
        return full.reason


def _part(limits: Limits, share: float, tokens: int) -> Limits:
    """Return a part of each limit, but enough for one request of so many tokens, if all is."""

    def part(limit: int | None, least: int) -> int | None:
        return limit if limit is None else max(int(limit * share), min(limit, least))

    return replace(
        limits,
        requests_per_minute=part(limits.requests_per_minute, 1),
        tokens_per_minute=part(limits.tokens_per_minute, tokens),
        usd_per_minute=limits.usd_per_minute and limits.usd_per_minute * share,
        concurrency=part(limits.concurrency, 1),
    )
