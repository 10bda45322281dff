"""Which of a haystack's keys a call takes, and which of them rest."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import isfinite
from typing import Final
from zlib import crc32

from haystacks.errors import Closed, RateLimited, RolegraphError, UpstreamError, rule_of
from haystacks.pool import Candidate, Haystack

SHORTEST: Final = 1.0
LONGEST: Final = 300.0
"""Seconds of a rest, whatever ``retry-after`` names: 0 would be no rest, and a day would outlast
the provider's own change of mind."""

GROWN: Final = 60.0
"""Seconds up to which a rest grows that a provider names no length for: a minute is the longest
window of the usual limits."""

_MOST: Final = 1000
"""Rests kept: a client that names models can make up any number."""

_NO_KEYS: Final = ("",)

Place = tuple[str, str, str]
"""A haystack, the mark of a key or "" for all of them, and a model or "" for all of them."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Until when something is not asked, how long that was in all, and why.

    ``fault``: a person has to mend the configuration.
    """

    until: float
    seconds: float
    reason: str
    limited: bool = False
    fault: bool = False


@lru_cache(maxsize=1024)
def mark(key: str) -> str:
    """Return what stands for a key where it may be seen: no way leads back."""
    return blake2b(key.encode(), digest_size=6).hexdigest() if key else ""


class Keyring:
    """The rests of all keys and models, and whose turn it is."""

    __slots__ = ("_turns", "rests")

    def __init__(self) -> None:
        self.rests: dict[Place, Rest] = {}
        self._turns: dict[str, itertools.count[int]] = {}

    def choose(
        self,
        candidate: Candidate,
        session: str,
        now: float,
        *,
        without: Collection[str] = (),
        resting: bool = False,
    ) -> str | None:
        """Return the key of a call, or ``None`` if all rest or are among the tried ones.

        It is a session's own, since a provider's prompt cache belongs to the account
        that a key belongs to; without a session, each takes its turn; what rests is passed
        over. ``resting`` takes the one that is back soonest, if it must.
        """
        keys = candidate.haystack.keys or _NO_KEYS
        several = len(keys) > 1
        first = self._first(candidate.haystack, session) if several else 0
        if not self.rests and not without:
            return keys[first]
        order = [key for key in keys[first:] + keys[:first] if key not in without]
        free = [key for key in order if not self._rest(candidate, key, now)]
        if free:
            return free[0]
        if not resting or not order:
            return None
        return min(order, key=lambda key: self._until(candidate, key, now))

    def closed(self, candidate: Candidate, now: float) -> Rest | None:
        """Return the rest that ends first, if no key may be used with this model now."""
        soonest: Rest | None = None
        for key in candidate.haystack.keys or _NO_KEYS:
            rest = self._rest(candidate, key, now)
            if rest is None:
                return None
            if soonest is None or rest.until < soonest.until:
                soonest = rest
        return soonest

    def failed(
        self, candidate: Candidate, key: str, error: UpstreamError, now: float
    ) -> tuple[Place, Rest] | None:
        """Let rest what the matrix says; return it, if anything."""
        rule = rule_of(error)
        if rule.rests == "nothing" or candidate.haystack.passthrough:
            return None  # a subscription that is refused is one client's, not ours
        name, model = candidate.key
        of_key = "" if rule.rests == "model" else mark(key)
        place = (name, of_key, "" if rule.rests == "key" else model)
        seconds = rule.seconds or _asked(error) or self._grown(place, now)
        rest = Rest(
            now + seconds,
            seconds,
            error.cause,
            limited=rule.status == 429,
            fault=rule.rests.startswith("key") and rule.status != 429,
        )
        self.put(place, rest, now)
        return place, rest

    def answered(self, candidate: Candidate, key: str) -> None:
        """Forget the rests that an answer has proved wrong, and how they had grown."""
        if self.rests:
            for place in _places(candidate, key):
                self.rests.pop(place, None)

    def put(self, place: Place, rest: Rest, now: float) -> None:
        """Let something rest."""
        if len(self.rests) >= _MOST:
            self.rests = {at: each for at, each in self.rests.items() if each.until > now}
        if len(self.rests) >= _MOST:
            self.rests.pop(next(iter(self.rests)))
        self.rests[place] = rest

    def forget(self, names: Collection[str]) -> None:
        """Forget haystacks that are gone."""
        self.rests = {at: rest for at, rest in self.rests.items() if at[0] not in names}
        for name in names:
            self._turns.pop(name, None)

    def _first(self, haystack: Haystack, session: str) -> int:
        if session:
            return crc32(session.encode()) % len(haystack.keys)
        turn = self._turns.setdefault(haystack.name, itertools.count())
        return next(turn) % len(haystack.keys)

    def _rest(self, candidate: Candidate, key: str, now: float) -> Rest | None:
        """Return the rest of a key with this model that lasts longest, if one does."""
        longest: Rest | None = None
        for place in _places(candidate, key):
            rest = self.rests.get(place)
            if rest and rest.until > now and (longest is None or rest.until > longest.until):
                longest = rest
        return longest

    def _until(self, candidate: Candidate, key: str, now: float) -> float:
        rest = self._rest(candidate, key, now)
        return rest.until if rest else now

    def _grown(self, place: Place, now: float) -> float:
        """Return twice the last rest, unless that was long ago."""
        last = self.rests.get(place)
        if last is None or now > last.until + LONGEST:
            return SHORTEST
        return min(2 * last.seconds, GROWN)


def _places(candidate: Candidate, key: str) -> tuple[Place, Place, Place]:
    name, model = candidate.key
    of_key = mark(key)
    return (name, of_key, model), (name, of_key, ""), (name, "", model)


def _asked(error: UpstreamError) -> float:
    """Return the seconds of a rest that the upstream names, 0 if it names none."""
    seconds = wait_of(error)
    return min(max(seconds, SHORTEST), LONGEST) if seconds is not None else 0.0


def wait_of(error: RolegraphError) -> float | None:
    """Return the seconds that an error asks to wait, if any."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(error.headers[name]) * unit
        except (KeyError, ValueError):
            continue
        if isfinite(seconds):
            return seconds
    return None


def resting(rest: Rest, now: float) -> RolegraphError:
    """Return the error of a call that is not made because of a rest."""
    seconds = max(1, round(rest.until - now))
    if rest.limited:
        return RateLimited(
            f"rate limited for {seconds} s more",
            upstream_status=429,
            headers={"retry-after": str(seconds)},
        )
    what = "its key is refused" if rest.fault else "it has no such model"
    return Closed(f"{what} ({rest.reason}); asked again in {seconds} s")
