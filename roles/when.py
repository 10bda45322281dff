"""When a rule holds: conditions on a request and its moment, all of which must be met."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from math import ceil, floor, inf

from roles.facts import Facts
from roles.live import Live

_BOUND = re.compile(r"\s*(>=|<=|>|<)\s*(\d+(?:\.\d+)?)\s*")
_BETWEEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*")
_HOURS = re.compile(r"\s*(\d{1,2})(?:\s*-\s*(\d{1,2}))?\s*")


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from 0 on between two bounds; ``text`` is how the file has it.

    ``low`` is a number and whether it is left out; ``high`` is a number and
    whether it is kept in. So pairs compare as bounds do.
    """

    low: tuple[float, bool] = (0.0, False)
    high: tuple[float, bool] = (inf, True)
    text: str = field(default="", compare=False)

    def holds(self, number: float) -> bool:
        """Tell whether a number is in it."""
        return self.low <= (number, False) and (number, True) <= self.high

    def within(self, other: Range) -> bool:
        """Tell whether the other range has all the numbers of this one."""
        return other.low <= self.low and self.high <= other.high

    def is_empty(self, most: float = inf) -> bool:
        """Tell whether no number up to ``most`` is in it."""
        low, out = self.low
        high, kept = min(self.high, (most, True))
        return low > high or (low == high and (out or not kept))

    def holds_tokens(self, facts: Facts) -> bool:
        """Tell whether the request's tokens are in it; counts only where their bound can't tell."""
        low, out = self.low
        high, kept = self.high
        least = floor(low) + 1 if out else ceil(low)
        if least > 0 and not facts.longer_than(least - 1):
            return False
        return high == inf or not facts.longer_than(floor(high) if kept else ceil(high) - 1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Whole hours of a day, 0 to 23; ``text`` is how the file has them."""

    each: frozenset[int]
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class When:
    """The conditions of a rule; one that is not set is met by any request.

    ``concepts`` are ids or aliases, lower-cased. ``headers`` are lower-cased
    names with a glob over the value; ``key`` is a glob over the client key's name.
    """

    concepts: tuple[str, ...] = ()
    complexity: Range | None = None
    tokens: Range | None = None
    tools: bool | None = None
    headers: tuple[tuple[str, str], ...] = ()
    hours: Hours | None = None
    key: str = ""

    def holds(
        self, facts: Facts, live: Live, found: frozenset[str], complexity: Callable[[], float]
    ) -> bool:
        """Tell whether all conditions are met, asking the cheap ones first.

        ``found`` are the names of the concepts that were matched.
        """
        return (
            (self.tools is None or facts.tools == self.tools)
            and (not self.concepts or not found.isdisjoint(self.concepts))
            and (not self.key or (live.key != "" and fits(live.key, self.key)))
            and all(
                name in facts.headers and fits(facts.headers[name], glob)
                for name, glob in self.headers
            )
            and (self.hours is None or hour_of(live) in self.hours.each)
            and (self.complexity is None or self.complexity.holds(complexity()))
            and (self.tokens is None or self.tokens.holds_tokens(facts))
        )

    def __str__(self) -> str:
        told = [f"concepts {', '.join(self.concepts)}"] if self.concepts else []
        told += [f"complexity {self.complexity.text}"] if self.complexity else []
        told += [f"tokens {self.tokens.text}"] if self.tokens else []
        told += [] if self.tools is None else ["tools" if self.tools else "no tools"]
        told += [f"{name} {glob}" for name, glob in self.headers]
        told += [f"hour {self.hours.text}"] if self.hours else []
        told += [f"key {self.key}"] if self.key else []
        return ", ".join(told) or "always"


def hour_of(live: Live) -> int:
    """Return the hour, 0 to 23, where the server stands: what a person means by one."""
    return datetime.fromtimestamp(live.now, live.zone).hour


def fits(text: str, glob: str) -> bool:
    """Tell whether a glob fits the whole text, in any case of letters."""
    return fnmatchcase(text.lower(), glob.lower())


def read_range(text: object) -> Range:
    """Read ``> 0.6``, ``>= 3``, ``< 10``, ``<= 10`` or ``2-5``. Raises ``ValueError``."""
    if isinstance(text, str):
        if found := _BOUND.fullmatch(text):
            sign, number = found[1], float(found[2])
            if sign in {">", ">="}:
                return Range(low=(number, sign == ">"), text=text.strip())
            return Range(high=(number, sign == "<="), text=text.strip())
        if found := _BETWEEN.fullmatch(text):
            low, high = float(found[1]), float(found[2])
            return Range((low, False), (high, True), text.strip())
    raise ValueError('should be a range: "> 3", ">= 3", "< 3", "<= 3" or "2-5"')


def read_hours(text: object) -> Hours:
    """Read ``22-6``, from 22:00 until 6:00, or ``9``, that one hour. Raises ``ValueError``."""
    text = str(text) if isinstance(text, int) else text
    if isinstance(text, str) and (found := _HOURS.fullmatch(text)):
        start = int(found[1])
        end = start + 1 if found[2] is None else int(found[2])
        if start <= 23 and end <= 24:
            ahead = end - start if end >= start else end + 24 - start
            hours = frozenset((start + each) % 24 for each in range(ahead))
            return Hours(hours, text.strip())
    raise ValueError('should be hours from 0 to 24: "22-6", or one hour: 9')
