"""What is kept of batches that a provider works on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, literal_column, select, update

from server.batches.batch import Batch
from server.batches.result import Result
from server.batches.store import answer, batch_of
from server.storage.database import Database
from server.storage.tables import batch_bodies, batch_requests, batches

_PAGE: Final = 100
_PASSED: Final = batch_requests.c.state == literal_column("'passed'")


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that a provider was given, or will be. ``model`` is what it is asked for."""

    number: int
    custom_id: str
    role: str
    model: str
    body: bytes = field(repr=False)


_ROWS: Final = (
    select(
        batch_requests.c.number,
        batch_requests.c.custom_id,
        batch_requests.c.role,
        batch_requests.c.model,
        batch_bodies.c.body,
    )
    .join_from(
        batch_requests,
        batch_bodies,
        (batch_bodies.c.batch_id == batch_requests.c.batch_id)
        & (batch_bodies.c.number == batch_requests.c.number),
    )
    .where(_PASSED)
    .order_by(batch_requests.c.number)
)


class NativeStore:
    """The batches of a database that providers work on. Every method raises ``StorageGone``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: float, until: float) -> Batch | None:
        """Return a batch that it is time to look after; nobody else gets it before ``until``."""
        going_on = batches.c.state.in_(("in_progress", "canceling"))
        query = (
            select(batches)
            .where(going_on, batches.c.native != "", batches.c.native_due <= now)
            .order_by(batches.c.native_due)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(query)).first()
            if row is None:
                return None
            await connection.execute(_change(row.id, native_due=until))
        return batch_of(row)

    async def change(self, batch: str, **values: object) -> None:
        """Note how a batch stands with its provider."""
        async with self._database.writing() as connection:
            await connection.execute(_change(batch, **values))

    async def passed(self, batch: str) -> AsyncIterator[Passed]:
        """Yield the requests that have no result yet, in their order."""
        query = _ROWS.where(batch_requests.c.batch_id == batch).limit(_PAGE)
        last = -1
        while True:
            async with self._database.reading() as connection:
                page = query.where(batch_requests.c.number > last)
                rows = (await connection.execute(page)).all()
            for row in rows:
                last = row.number
                yield Passed(*row)
            if len(rows) < _PAGE:
                return

    async def numbers(self, batch: str) -> dict[str, int]:
        """Return the numbers of the requests that have no result yet, by their ``custom_id``."""
        query = select(batch_requests.c.custom_id, batch_requests.c.number).where(
            batch_requests.c.batch_id == batch, _PASSED
        )
        async with self._database.reading() as connection:
            return {row.custom_id: row.number for row in await connection.execute(query)}

    async def these(self, batch: str, numbers: Sequence[int]) -> list[Passed]:
        """Return some requests by their numbers, those without a result."""
        query = _ROWS.where(
            batch_requests.c.batch_id == batch, batch_requests.c.number.in_(numbers)
        )
        async with self._database.reading() as connection:
            return [Passed(*row) for row in await connection.execute(query)]

    async def finish(self, batch: str, results: Mapping[int, Result]) -> set[int]:
        """Store results by the numbers of their requests; return those that had none yet."""
        new: set[int] = set()
        async with self._database.writing() as connection:
            for ending in sorted({result.ending for result in results.values()}):
                numbers = [n for n, result in results.items() if result.ending == ending]
                done = await connection.execute(
                    update(batch_requests)
                    .where(
                        batch_requests.c.batch_id == batch,
                        batch_requests.c.number.in_(numbers),
                        _PASSED,
                    )
                    .values(state=ending)
                    .returning(batch_requests.c.number)
                )
                new.update(done.scalars())
            lines = [(batch, n, results[n].line) for n in sorted(new) if results[n].line]
            await answer(connection, lines)
        return new

    async def end(self, batch: str, now: float, *, rest: str) -> None:
        """End a batch: what has no result ends as ``rest``, and all are counted."""
        async with self._database.writing() as connection:
            await connection.execute(
                update(batch_requests)
                .where(batch_requests.c.batch_id == batch, _PASSED)
                .values(state=rest)
            )
            counted = await connection.execute(
                select(batch_requests.c.state, func.count().label("number"))
                .where(batch_requests.c.batch_id == batch)
                .group_by(batch_requests.c.state)
            )
            none = {"processing": 0, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}
            counts = none | {row.state: row.number for row in counted}
            await connection.execute(_change(batch, state="ended", ended=now, **counts))

    async def take_back(self, batch: str) -> None:
        """Leave a batch to the workers here."""
        async with self._database.writing() as connection:
            await connection.execute(
                update(batch_requests)
                .where(batch_requests.c.batch_id == batch, _PASSED)
                .values(state="processing")
            )
            await connection.execute(_change(batch, native=""))


def _change(batch: str, **values: object) -> Any:
    return update(batches).where(batches.c.id == batch).values(**values)
