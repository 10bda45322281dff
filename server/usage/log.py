"""The usage log: one writer behind all requests, and a queue that can't grow without end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from typing import Final

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from server.record import Record
from server.storage.database import Database, StorageGone
from server.storage.rows import insert_rows
from server.storage.tables import requests
from server.usage.content import Content
from server.usage.row import COLUMNS, Row, row_of

# So long rows gather: a transaction costs as much as hundreds of rows.
GATHER_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 1.0
# What a stopping server waits for a database that does not answer.
LAST_SECONDS: Final = 5.0
BATCH: Final = 500
DAY_SECONDS: Final = 86_400
# One line a minute about what is lost is enough.
_TELL_SECONDS: Final = 60.0
# What was said is a hundred times as large as the row: with so many waiting it is left out.
_CONTENTS: Final = 500
# No answer of a model, and no one who was turned away at the door, is worth a row for months.
_UNRECORDED_SURFACE, _UNRECORDED_STATUS = "count_tokens", 401

log = structlog.get_logger("rolegraph.usage")


class UsageLog:
    """Writes requests that have ended to the database, many at a time.

    While the database is away rows wait, ``bound`` of them; then they are dropped
    and counted; ``away`` says why. ``days`` is how long rows are kept, 0 for ever.
    """

    def __init__(
        self, database: Database, clock: Callable[[], float], *, bound: int, days: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._bound = bound
        self._days = days
        self._rows: deque[Row] = deque()
        self._one_at_a_time = asyncio.Lock()
        self._started = False
        self._pruned = 0.0
        self._told_at, self._told = 0.0, 0
        self.away = ""
        self.dropped = 0
        self.written = 0

    @property
    def waiting(self) -> int:
        """How many rows are not in the database yet."""
        return len(self._rows)

    def take(self, records: Sequence[Record]) -> None:
        """Make rows of requests that have ended; nothing is taken unless the log has started."""
        if not self._started:
            return
        for record in records:
            if record.surface == _UNRECORDED_SURFACE or record.status == _UNRECORDED_STATUS:
                continue
            if len(self._rows) >= self._bound:
                self.dropped += 1
                continue
            if len(self._rows) >= _CONTENTS:
                record.content = None
            self._rows.append(row_of(record))

    def start(self) -> None:
        """Take requests from now on; ``keep_written`` writes them."""
        self._started = True

    async def keep_written(self) -> None:
        """Write what comes, until cancelled."""
        while True:
            await asyncio.sleep(RETRY_SECONDS if self.away else GATHER_SECONDS)
            try:
                if self._rows:
                    await self.write()
                elif self._database.trouble():
                    await self._database.start()
                await self._prune()
            except StorageGone as gone:
                if not self.away:
                    log.warning("usage is not written", reason=gone.message)
                self.away = gone.message
            else:
                if self.away:
                    log.info("usage is written again")
                self.away = ""
            self._tell_dropped()

    async def close(self) -> None:
        """Write what waits, if that can be done in a few seconds."""
        if not self._started:
            return
        self._started = False
        with suppress(StorageGone, TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await self.write()
        if lost := self.waiting + self.dropped - self._told:
            log.error("requests are missing in the usage log", requests=lost)

    async def write(self) -> None:
        """Write everything that waits. Raises ``StorageGone``, and then nothing is lost yet."""
        most, told = BATCH, False
        async with self._one_at_a_time:
            while self._rows:
                batch = list(islice(self._rows, most))
                try:
                    await self._insert(batch)
                except (DBAPIError, UnicodeError, OverflowError):
                    if len(batch) > 1:
                        most = len(batch) // 2  # what is at fault is looked for among fewer
                        continue
                    # The database is well, and will not take it the next time either.
                    if not told:
                        log.exception("rows that can't be stored are dropped")
                    told = True
                    self.dropped += 1
                else:
                    self.written += len(batch)
                for _ in batch:
                    self._rows.popleft()
                most = min(2 * most, BATCH)

    async def _insert(self, batch: Sequence[Row]) -> None:
        if any(row[-1] for row in batch):
            batch = await asyncio.to_thread(_with_texts, batch)
        async with self._database.writing() as connection:
            # Whoever asks again after a broken commit must not be told of a conflict.
            await insert_rows(connection, requests, COLUMNS, batch, "ON CONFLICT DO NOTHING")

    async def _prune(self) -> None:
        """Once a day, delete what is too old: a part at a time, so that others can write too."""
        now = self._clock()
        if not self._days or now - self._pruned < DAY_SECONDS:
            return
        old = select(requests.c.id).where(requests.c.at < now - self._days * DAY_SECONDS)
        more = True
        while more:
            async with self._database.writing() as connection:
                done = await connection.execute(
                    delete(requests).where(requests.c.id.in_(old.limit(BATCH)))
                )
                more = done.rowcount == BATCH
        self._pruned = now

    def _tell_dropped(self) -> None:
        now = self._clock()
        if self.dropped > self._told and now - self._told_at >= _TELL_SECONDS:
            lost = self.dropped - self._told
            log.error("the usage log is full: requests are missing in it", requests=lost)
            self._told, self._told_at = self.dropped, now


def _with_texts(batch: Sequence[Row]) -> list[Row]:
    """Return rows whose contents are text: redacting is slow enough for a thread of its own."""
    return [(*row[:-1], row[-1].text()) if isinstance(row[-1], Content) else row for row in batch]
