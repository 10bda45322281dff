"""What still has to be added to counters elsewhere: nothing twice, nothing never."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from haystacks.shared import Amount

# Counters in one addition: after a long outage there may be more than arrive in time at once.
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Addition:
    """Amounts that are added in one step, with a number that tells it from all others."""

    number: int
    amounts: tuple[Amount, ...]


class Outbox:
    """Additions that nobody has confirmed.

    Those that may have arrived are sent again under their old number, in the
    order of their numbers, before any new one; what was never sent is added up.
    ``next_number`` numbers an addition at the moment when it is sent.
    """

    def __init__(self, next_number: Callable[[], int]) -> None:
        self._next_number = next_number
        self._doubtful: dict[int, Addition] = {}
        self._unsent: dict[str, Amount] = {}

    def __bool__(self) -> bool:
        return bool(self._doubtful or self._unsent)

    def put(self, amounts: Sequence[Amount]) -> None:
        """Take amounts that were never sent."""
        for key, by, seconds in amounts:
            if by:
                before = self._unsent.get(key)
                self._unsent[key] = Amount(key, by + (before.by if before else 0), seconds)

    def doubt(self, addition: Addition) -> None:
        """Take an addition that was sent, and may have arrived."""
        self._doubtful[addition.number] = addition

    def additions(self) -> Iterator[Addition]:
        """Yield what is to be sent now, until nothing is; ``confirm`` each before the next."""
        while self:
            if not self._doubtful:
                keys = list(islice(self._unsent, MOST))
                unsent = tuple([self._unsent.pop(key) for key in keys])
                self.doubt(Addition(self._next_number(), unsent))
            yield self._doubtful[min(self._doubtful)]

    def confirm(self, addition: Addition) -> None:
        """Forget an addition that has arrived."""
        self._doubtful.pop(addition.number, None)

    def pending(self, key: str, after: int = 0) -> int:
        """Return what a counter lacks, or may lack; or what it lacked ``after`` an addition."""
        unsent = self._unsent.get(key)
        return (unsent.by if unsent else 0) + sum(
            amount.by
            for number, addition in self._doubtful.items()
            for amount in addition.amounts
            if number > after and amount.key == key
        )
