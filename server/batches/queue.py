"""Who works on which request: by claims, which lapse with the process that made them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.batches.batch import BatchState, Ending
from server.batches.result import Result
from server.batches.store import PROCESSING, answer, count
from server.storage.database import Database
from server.storage.tables import batch_bodies, batch_requests, batches

Place = tuple[str, int]
"""A batch, and the number of one of its requests."""

_THESE: Final = tuple_(batch_requests.c.batch_id, batch_requests.c.number).in_(
    bindparam("places", expanding=True)
)
_OWN: Final = (_THESE, batch_requests.c.worker == bindparam("by"), PROCESSING)


@dataclass(frozen=True, slots=True)
class Work:
    """A request that a worker has claimed; ``tries`` counts this one."""

    place: Place
    custom_id: str
    role: str
    tries: int
    owner: str
    headers: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claim: a result, or a time from which another try may be made."""

    place: Place
    result: Result | None = None
    due: float = 0.0


class Queue:
    """The requests of all batches, as one worker takes them. Every method raises ``StorageGone``.

    ``worker`` tells this process from all others, also from its own predecessor.
    A claim holds for ``lease`` seconds.
    """

    def __init__(self, database: Database, worker: str, lease: float) -> None:
        self._database = database
        self._worker = worker
        self._lease = lease

    async def turn(self, outcomes: Sequence[Outcome], room: int, now: float) -> list[Work]:
        """Store what is done and claim as many more, in one transaction.

        What this worker has no claim on any more is not stored: another has it.
        """
        ended: defaultdict[str, Counter[Ending]] = defaultdict(Counter)
        async with self._database.writing() as connection:
            await self._store(connection, outcomes, ended)
            taken = await self._claim(connection, room, now, ended) if room > 0 else []
            for batch in sorted(ended):
                await count(connection, batch, ended[batch], now)
        return taken

    async def renew(self, places: Sequence[Place], now: float) -> None:
        """Keep claims from lapsing."""
        held = {"places": places, "by": self._worker, "until": now + self._lease}
        async with self._database.writing() as connection:
            await connection.execute(_RENEWED, held)

    async def release(self, places: Sequence[Place], now: float) -> None:
        """Give claims back, for others to take at once."""
        held = {"places": places, "by": self._worker, "from": now}
        async with self._database.writing() as connection:
            await connection.execute(_RELEASED, held)

    async def _store(
        self,
        connection: AsyncConnection,
        outcomes: Sequence[Outcome],
        ended: defaultdict[str, Counter[Ending]],
    ) -> None:
        results = {each.place: each.result for each in outcomes if each.result}
        lines: list[tuple[str, int, bytes]] = []
        for ending in sorted({result.ending for result in results.values()}):
            places = [place for place, result in results.items() if result.ending == ending]
            held = {"places": places, "by": self._worker, "ending": ending}
            stored = await connection.execute(_ENDED, held)
            for batch, number in stored.all():
                ended[batch][ending] += 1
                lines.append((batch, number, results[batch, number].line))
        await answer(connection, lines)
        later = [
            {"of": each.place[0], "at": each.place[1], "by": self._worker, "later": each.due}
            for each in outcomes
            if not each.result
        ]
        if later:
            await connection.execute(_LATER, later)

    async def _claim(
        self,
        connection: AsyncConnection,
        room: int,
        now: float,
        ended: defaultdict[str, Counter[Ending]],
    ) -> list[Work]:
        """Claim what is due; what should not be worked on any more ends here."""
        rows = (await connection.execute(_DUE, {"now": now, "room": room})).all()
        taken: list[Work] = []
        closed: defaultdict[Ending, list[Place]] = defaultdict(list)
        for row in rows:
            place = (row.batch_id, row.number)
            if ending := _too_late(row.batch_state, row.expires, now):
                closed[ending].append(place)
                ended[row.batch_id][ending] += 1
                continue
            tries = row.tries + 1
            taken.append(
                Work(place, row.custom_id, row.role, tries, row.owner, row.headers, row.body)
            )
        for ending, places in closed.items():
            await connection.execute(_CLOSED, {"places": places, "ending": ending})
        if taken:
            places = [work.place for work in taken]
            claim = {"places": places, "by": self._worker, "until": now + self._lease}
            await connection.execute(_CLAIMED, claim)
        return taken


def _too_late(state: BatchState, expires: float, now: float) -> Ending | None:
    if state == "canceling":
        return "canceled"
    return "expired" if expires <= now else None


# Of several workers each passes over the rows that another is just taking.
_DUE: Final = (
    select(
        batch_requests.c.batch_id,
        batch_requests.c.number,
        batch_requests.c.custom_id,
        batch_requests.c.role,
        batch_requests.c.tries,
        batches.c.owner,
        batches.c.headers,
        batches.c.state.label("batch_state"),
        batches.c.expires,
        batch_bodies.c.body,
    )
    .join_from(batch_requests, batches, batches.c.id == batch_requests.c.batch_id)
    .join(
        batch_bodies,
        (batch_bodies.c.batch_id == batch_requests.c.batch_id)
        & (batch_bodies.c.number == batch_requests.c.number),
    )
    .where(PROCESSING, batch_requests.c.due <= bindparam("now"))
    .order_by(batch_requests.c.due)
    .limit(bindparam("room"))
    .with_for_update(of=batch_requests, skip_locked=True)
)
_CLAIMED: Final = (
    update(batch_requests)
    .where(_THESE)
    .values(worker=bindparam("by"), due=bindparam("until"), tries=batch_requests.c.tries + 1)
)
_RENEWED: Final = update(batch_requests).where(*_OWN).values(due=bindparam("until"))
_RELEASED: Final = update(batch_requests).where(*_OWN).values(due=bindparam("from"), worker="")
_CLOSED: Final = update(batch_requests).where(_THESE).values(state=bindparam("ending"), worker="")
_ENDED: Final = (
    update(batch_requests)
    .where(*_OWN)
    .values(state=bindparam("ending"), worker="")
    .returning(batch_requests.c.batch_id, batch_requests.c.number)
)
_LATER: Final = (
    update(batch_requests)
    .where(
        batch_requests.c.batch_id == bindparam("of"),
        batch_requests.c.number == bindparam("at"),
        batch_requests.c.worker == bindparam("by"),
        PROCESSING,
    )
    .values(due=bindparam("later"), worker="")
)
