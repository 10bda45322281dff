"""Small, short-lived state that several processes may share.

One process keeps it in memory; a fleet in Redis. Nothing that must last is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A kind of thing that is kept, such as sessions.

    ``name`` begins its keys; ``seconds`` after its last change a thing is
    forgotten, and at most ``most`` are kept in memory, those used last.
    ``encode`` and ``decode`` are only asked where it leaves the process; what
    ``decode`` refuses with a ``ValueError``, since another version of the
    program wrote it, counts as not kept.
    """

    name: str
    seconds: float
    encode: Callable[[T], bytes] = field(repr=False)
    decode: Callable[[bytes], T] = field(repr=False)
    most: int = 10_000


class Amount(NamedTuple):
    """What to add to a counter, and after how many seconds without a change it is forgotten.

    A tuple, since a request makes up to thirty, and each costs half of what a dataclass does.
    """

    key: str
    by: int
    seconds: float


def negated(amounts: Sequence[Amount]) -> list[Amount]:
    """Return what takes amounts back."""
    return [Amount(key, -by, seconds) for key, by, seconds in amounts if by]


class Shared(Protocol):
    """What is kept by kind and key, counters, and word to the other processes.

    Nothing here raises because the other processes, or what lies between, are
    gone: it goes on with what this process knows.
    """

    async def start(self) -> None:
        """Reach for the other processes; returns when it is known whether they can be reached."""
        ...

    async def read(self, kind: Kind[T], key: str) -> T | None:
        """Return what is kept, or ``None``."""
        ...

    async def change(
        self, kind: Kind[T], key: str, change: Callable[[T | None], T | None]
    ) -> T | None:
        """Apply a function to what is kept, as if nobody else did, and return what it made.

        ``None`` means: nothing is kept, and shall be. What is given back as it
        is stays as it is. The function is pure: of two processes at once one
        has to call it again.
        """
        ...

    async def each(self, kind: Kind[T]) -> list[tuple[str, T]]:
        """Return everything of a kind with its key, the last used, or changed, first."""
        ...

    async def add(self, amounts: Sequence[Amount]) -> list[int]:
        """Add to counters, all in one step, and return their new totals; 0 only reads.

        Who is cancelled while waiting for them has added nothing.
        """
        ...

    def note(self, amounts: Sequence[Amount]) -> None:
        """Add to counters soon, also if they can't be reached now; nobody waits for it."""
        ...

    def tell(self, topic: str, word: bytes) -> None:
        """Tell the other processes; soon, not at once, and never this one."""
        ...

    def listen(self, topic: str, hear: Callable[[bytes], None]) -> None:
        """Call ``hear`` with every word that another process tells of a topic."""
        ...

    def trouble(self) -> str:
        """Return why nothing is shared at the moment; empty where all is well."""
        ...

    async def close(self) -> None:
        """Send what waits, and let go."""
        ...
