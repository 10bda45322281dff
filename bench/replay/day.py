"""A day of agent traffic: many sessions at once, the same for the same seed."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final

from bench.replay.ask import Ask
from bench.replay.prompts import Prose
from bench.replay.session import Session

ROLES: Final = ("fast", "intelligent", "balanced", "cheap")
BEGINS: Final = datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp()
# People begin their sessions within the first hours of it.
_BEGIN_WITHIN: Final = 4 * 3600.0
_CHAT_EVERY: Final = 4


def day(sessions: int, turns: int, seed: int) -> Iterator[Ask]:
    """Yield all requests in the order of time; no session waits for another."""
    prose = Prose(seed)
    every = [_session(number, seed, prose).asks(turns) for number in range(sessions)]
    return heapq.merge(*every, key=attrgetter("at"))


def _session(number: int, seed: int, prose: Prose) -> Session:
    chance = random.Random(f"{seed} {number}")
    row, place = divmod(number, len(ROLES))
    return Session(
        number=number,
        role=ROLES[place],
        chance=chance,
        prose=prose,
        now=BEGINS + chance.uniform(0, _BEGIN_WITHIN),
        # In each round another role's: all of them are used in both forms.
        chat=row % _CHAT_EVERY == place,
    )
