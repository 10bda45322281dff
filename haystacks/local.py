"""Shared state of a single process: in its memory, at the cost of a dictionary."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Generic, TypeVar

from haystacks.shared import Amount, Kind

T = TypeVar("T")

# How often counters that nobody asks for any more are looked for.
SWEEP_SECONDS: Final = 60.0

_NOTHING: Final = (0, 0.0)


class _Things(Generic[T]):
    """What is kept of one kind, each with the time of its end, the last used at the end."""

    __slots__ = ("by_key", "kind")

    def __init__(self, kind: Kind[T]) -> None:
        self.kind = kind
        self.by_key: OrderedDict[str, tuple[T, float]] = OrderedDict()


class LocalShared:
    """Keeps everything here. No call ever waits, so what it does is one step.

    ``clock`` tells seconds of any origin.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kinds: dict[str, _Things[Any]] = {}
        self._totals: dict[str, tuple[int, float]] = {}
        self._next_sweep = 0.0

    async def start(self) -> None:
        """There is nobody to reach."""

    async def read(self, kind: Kind[T], key: str) -> T | None:
        """Return what is kept, or ``None``."""
        return self.find(kind, key)

    async def change(
        self, kind: Kind[T], key: str, change: Callable[[T | None], T | None]
    ) -> T | None:
        """Apply a function to what is kept, and return what it made."""
        found = self.find(kind, key)
        made = change(found)
        if made is not found:
            self.keep(kind, key, made)
        return made

    async def each(self, kind: Kind[T]) -> list[tuple[str, T]]:
        """Return everything of a kind with its key, the last used first."""
        things, now = self._kinds.get(kind.name), self._clock()
        every = reversed(things.by_key.items()) if things else ()
        return [(key, thing) for key, (thing, end) in every if end > now]

    async def add(self, amounts: Sequence[Amount]) -> list[int]:
        """Add to counters and return their new totals."""
        return self._add(amounts)

    def note(self, amounts: Sequence[Amount]) -> None:
        """Add to counters."""
        self._add(amounts)

    def tell(self, topic: str, word: bytes) -> None:
        """There is nobody to tell."""

    def listen(self, topic: str, hear: Callable[[bytes], None]) -> None:
        """There is nobody to hear."""

    def trouble(self) -> str:
        """Return nothing: what is not shared can't be out of reach."""
        return ""

    async def close(self) -> None:
        """There is nothing to let go."""

    # -- What no other process is asked for

    def find(self, kind: Kind[T], key: str) -> T | None:
        """Return what is kept, and count that as a use."""
        things: _Things[T] | None = self._kinds.get(kind.name)
        if things is None or (found := things.by_key.get(key)) is None:
            return None
        thing, end = found
        if end <= self._clock():
            del things.by_key[key]
            return None
        things.by_key.move_to_end(key)
        return thing

    def keep(self, kind: Kind[T], key: str, thing: T | None) -> None:
        """Keep a thing, or forget what was kept."""
        things: _Things[T] | None = self._kinds.get(kind.name)
        if things is None:
            things = self._kinds[kind.name] = _Things(kind)
        if thing is None:
            things.by_key.pop(key, None)
            return
        things.by_key[key] = (thing, self._clock() + kind.seconds)
        things.by_key.move_to_end(key)
        if len(things.by_key) > kind.most:
            things.by_key.popitem(last=False)

    def set_total(self, key: str, total: int, seconds: float) -> None:
        """Know a counter's total, whatever it was before."""
        now = self._clock()
        self._sweep(now)
        self._totals[key] = (total, now + seconds)

    def kept(self) -> Iterator[tuple[Kind[Any], str, Any, float]]:
        """Yield whatever is kept: its kind, key, itself, and the seconds that it has left."""
        now = self._clock()
        for things in self._kinds.values():
            for key, (thing, end) in things.by_key.items():
                if end > now:
                    yield things.kind, key, thing, end - now

    def totals(self) -> Iterator[Amount]:
        """Yield every counter: its total, and the seconds that it has left."""
        now = self._clock()
        for key, (total, end) in self._totals.items():
            if end > now:
                yield Amount(key, total, end - now)

    def _add(self, amounts: Sequence[Amount]) -> list[int]:
        now = self._clock()
        self._sweep(now)
        known, totals = self._totals, []
        for key, by, seconds in amounts:
            total, end = known.get(key, _NOTHING)
            if end <= now:
                total = 0
            if by:
                total += by
                known[key] = (total, now + seconds)
            totals.append(total)
        return totals

    def _sweep(self, now: float) -> None:
        """Free the memory of counters that are forgotten."""
        if now >= self._next_sweep:
            self._next_sweep = now + SWEEP_SECONDS
            self._totals = {key: each for key, each in self._totals.items() if each[1] > now}
