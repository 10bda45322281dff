"""Where batches are kept: taken in, shown, cancelled, deleted. Who works on them is ``queue``'s."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Row, case, delete, insert, literal_column, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.batches.batch import Batch, Ending
from server.batches.result import result_line
from server.storage.database import Database
from server.storage.rows import insert_rows
from server.storage.tables import batch_bodies, batch_requests, batches, words

# A literal, since databases can't tell that an index of some rows fits a parameter.
PROCESSING: Final = batch_requests.c.state == literal_column("'processing'")

# Rows that are written in one go: a hundred thousand would keep everybody waiting.
_AT_ONCE: Final = 1000

# Lines of results that are in memory at a time.
_PAGE: Final = 100

_BODY: Final = ("batch_id", "number", "body")


class BatchStore:
    """All batches of a database. Every method raises ``StorageGone``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def receive(self, batch: Batch) -> None:
        """Begin a batch that nobody sees or works on before ``accept``."""
        async with self._database.writing() as connection:
            await connection.execute(insert(batches).values(asdict(batch)))

    async def bring(self, batch: str, bodies: Sequence[Mapping[str, Any]]) -> None:
        """Keep what is asked by some of its requests: rows of ``number`` and ``body``."""
        async with self._database.writing() as connection:
            rows = [(batch, each["number"], each["body"]) for each in bodies]
            await insert_rows(connection, batch_bodies, _BODY, rows)

    async def accept(
        self, batch: str, requests: Sequence[Mapping[str, Any]], native: str = ""
    ) -> None:
        """Promise a batch: rows of ``number``, ``custom_id``, ``role`` and ``model``, all or none.

        ``native`` names the haystack that shall work on it; else workers here do.
        """
        state = "passed" if native else "processing"
        async with self._database.writing() as connection:
            for start in range(0, len(requests), _AT_ONCE):
                some = requests[start : start + _AT_ONCE]
                rows = [_waiting(batch, state, each) for each in some]
                await insert_rows(connection, batch_requests, _REQUEST, rows)
            promised = {"state": "in_progress", "processing": len(requests), "native": native}
            await connection.execute(update(batches).where(batches.c.id == batch).values(promised))

    async def forget(self, batch: str) -> None:
        """Remove a batch and everything of it."""
        async with self._database.writing() as connection:
            await connection.execute(delete(batches).where(batches.c.id == batch))

    async def find(self, owner: str, name: str) -> Batch | None:
        """Return the owner's batch of that name."""
        query = select(batches).where(
            batches.c.id == name, batches.c.owner == owner, batches.c.state != "receiving"
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
        return batch_of(row) if row else None

    async def page(
        self, owner: str, limit: int, *, before: str = "", after: str = ""
    ) -> tuple[list[Batch], bool]:
        """Return an owner's batches, the newest first, and whether more follow on that side.

        ``after`` names the one that stands before the page, ``before`` the one behind it.
        """
        query = select(batches).where(batches.c.owner == owner, batches.c.state != "receiving")
        if before:
            query = query.where(batches.c.id > before).order_by(batches.c.id)
        else:
            query = query.order_by(batches.c.id.desc())
        if after:
            query = query.where(batches.c.id < after)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.limit(limit + 1))).all()
        found = [batch_of(row) for row in rows[:limit]]
        return found[::-1] if before else found, len(rows) > limit

    async def cancel(self, batch: str, now: float) -> None:
        """Cancel what nobody works on; what is being answered comes to its end."""
        async with self._database.writing() as connection:
            waiting = await close_waiting(connection, batch, "canceled", now)
            await connection.execute(
                update(batches)
                .where(batches.c.id == batch, batches.c.state == "in_progress")
                .values(state="canceling", canceled_at=now, native_due=now)
            )
            await count(connection, batch, {"canceled": waiting}, now)

    async def results(self, batch: str) -> AsyncIterator[bytes]:
        """Yield the lines of an ended batch's results, some at a time."""
        told = batch_requests.c.state.in_(("succeeded", "errored"))
        query = (
            select(
                batch_requests.c.number,
                batch_requests.c.custom_id,
                batch_requests.c.state,
                case((told, batch_bodies.c.body), else_=null()).label("body"),
            )
            .join_from(batch_requests, batch_bodies, _SAME)
            .where(batch_requests.c.batch_id == batch)
            .order_by(batch_requests.c.number)
            .limit(_PAGE)
        )
        last = -1
        while True:
            async with self._database.reading() as connection:
                page = query.where(batch_requests.c.number > last)
                rows = (await connection.execute(page)).all()
            if not rows:
                return
            last = rows[-1].number
            yield b"".join([row.body or _silent(row.custom_id, row.state) for row in rows])

    async def tidy(self, now: float, *, stale: float, old: float) -> None:
        """Expire what is over time, and clear up behind batches.

        Results of those that were made before ``old`` are archived, which means deleted; what
        began to come before ``stale``, and never came to its end, is removed.
        """
        async with self._database.reading() as connection:
            late = await connection.execute(
                select(batches.c.id).where(
                    batches.c.state.in_(("in_progress", "canceling")),
                    batches.c.expires <= now,
                    batches.c.native == "",
                )
            )
            aged = await connection.execute(
                select(batches.c.id).where(
                    batches.c.state == "ended",
                    batches.c.archived.is_(None),
                    batches.c.created <= old,
                )
            )
            names, past = late.scalars().all(), aged.scalars().all()
        for name in names:
            async with self._database.writing() as connection:
                waiting = await close_waiting(connection, name, "expired", now)
                await count(connection, name, {"expired": waiting}, now)
        for name in past:
            async with self._database.writing() as connection:
                for table in (batch_bodies, batch_requests):
                    await connection.execute(delete(table).where(table.c.batch_id == name))
                await connection.execute(
                    update(batches).where(batches.c.id == name).values(archived=now)
                )
        async with self._database.writing() as connection:
            await connection.execute(
                delete(batches).where(batches.c.state == "receiving", batches.c.created <= stale)
            )


async def close_waiting(connection: AsyncConnection, batch: str, ending: Ending, now: float) -> int:
    """End every request of a batch that nobody works on, and return how many these were."""
    free = or_(batch_requests.c.worker == "", batch_requests.c.due <= now)
    done = await connection.execute(
        update(batch_requests)
        .where(batch_requests.c.batch_id == batch, PROCESSING, free)
        .values(state=ending, worker="")
    )
    return done.rowcount


async def count(
    connection: AsyncConnection, batch: str, ended: Mapping[Ending, int], now: float
) -> None:
    """Count requests that have ended, in the transaction that has ended them.

    The batch ends with the last. Who changes several batches takes them in the
    order of their names, after all of their requests: so nobody waits in a circle.
    """
    moved = sum(ended.values())
    left = batches.c.processing - moved
    is_last = (left == 0) & (batches.c.state != "ended")
    await connection.execute(
        update(batches)
        .where(batches.c.id == batch)
        .values(
            processing=left,
            state=case((is_last, "ended"), else_=batches.c.state),
            ended=case((is_last, now), else_=batches.c.ended),
            **{name: batches.c[name] + number for name, number in ended.items()},
        )
    )


async def answer(connection: AsyncConnection, lines: Sequence[tuple[str, int, bytes]]) -> None:
    """Put results in the place of what was asked: batch, number and line of each."""
    await insert_rows(
        connection,
        batch_bodies,
        _BODY,
        lines,
        "ON CONFLICT (batch_id, number) DO UPDATE SET body = excluded.body",
    )


_REQUEST: Final = (
    "batch_id",
    "number",
    "custom_id",
    "role",
    "model",
    "state",
    "due",
    "worker",
    "tries",
)


def _waiting(batch: str, state: str, request: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the row of a request that nobody has taken yet, as ``_REQUEST`` names its values."""
    number = request["number"]
    named = words(request["custom_id"]), words(request["role"]), words(request["model"])
    return (batch, number, *named, state, number, "", 0)


_SAME: Final = (batch_requests.c.batch_id == batch_bodies.c.batch_id) & (
    batch_requests.c.number == batch_bodies.c.number
)


def batch_of(row: Row[Any]) -> Batch:
    """Return the batch that a row is."""
    return Batch(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def _silent(custom_id: str, ending: Ending) -> bytes:
    """Return the line of a request that has no answer, since it was never asked."""
    return result_line(custom_id, {"type": ending})
