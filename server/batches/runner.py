"""Works on the requests of all batches, a few at a time, behind whoever waits for an answer."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import Final

import orjson
import structlog

from haystacks.errors import Unauthorized
from server.asking import ask_aside
from server.batches.queue import Outcome, Place, Queue, Work
from server.batches.result import failed, pause, result_of
from server.batches.store import BatchStore
from server.gateway import Gateway
from server.keys import ClientKey
from server.record import new_id
from server.storage.database import StorageGone

SURFACE: Final = "batch"

# Pauses end, and other processes may take batches in, or die: how often to look for what is
# due, and how often where nothing has been under way here for the length of a claim.
_LOOK_SECONDS: Final = 1.0
_IDLE_SECONDS: Final = 5.0
_TIDY_SECONDS: Final = 30.0
_STORAGE_SECONDS: Final = 2.0

# What ends within this time is stored in one transaction, which costs a few milliseconds.
# It is nothing beside what an answer takes.
_GATHER_SECONDS: Final = 0.02

# A place that has met a limit, or a provider in trouble, rests: what can't be answered
# now is then asked for so often, and not as fast as it is refused.
_REST_SECONDS: Final = 1.0

_RECEIVING_SECONDS: Final = 86_400.0
_DAY_SECONDS: Final = 86_400.0

log = structlog.get_logger("rolegraph")


class Runner:
    """The worker of this process. ``run`` ends when it is cancelled, and gives back its claims."""

    def __init__(self, gateway: Gateway, store: BatchStore) -> None:
        self._gateway = gateway
        self._store = store
        self._lease = gateway.settings.batch_lease
        self._queue = Queue(gateway.database, secrets.token_hex(8), self._lease)
        self._news = asyncio.Event()
        self._working: dict[Place, asyncio.Task[None]] = {}
        self._resting = 0
        # Until then something may become due: at first, what a predecessor had claimed.
        self._busy_until = gateway.clock() + self._lease
        self._done: list[Outcome] = []

    def wake(self) -> None:
        """Look for work now."""
        self._news.set()

    async def run(self) -> None:
        """Work until cancelled; while the database is away, wait for it, and say so once."""
        away = False
        beside = [asyncio.create_task(self._renew()), asyncio.create_task(self._tidy())]
        try:
            while True:
                try:
                    await self._turn()
                except StorageGone as gone:
                    if not away:
                        log.warning("batches wait for the database", error=gone.message)
                    away = True
                    await asyncio.sleep(_STORAGE_SECONDS)
                    continue
                away = False
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), self._pause)
                await asyncio.sleep(_GATHER_SECONDS)
        finally:
            await self._stop(beside)

    @property
    def _pause(self) -> float:
        """For how long to wait for news before the next look."""
        busy = self._working or self._gateway.clock() < self._busy_until
        return _LOOK_SECONDS if busy else _IDLE_SECONDS

    @property
    def room(self) -> int:
        """How many more requests may be claimed now.

        Each live request takes the place of one, but for the last: a batch goes on, if slowly.
        """
        most = max(1, self._gateway.settings.batch_concurrency - self._gateway.in_flight)
        return most - len(self._working) - self._resting

    async def _turn(self) -> None:
        """Store what is done, and begin as many more."""
        self._news.clear()
        done, room = self._done, self.room
        if not done and room <= 0:
            return
        self._done, now = [], self._gateway.clock()
        try:
            # What is done has a place until it is stored: so a crash repeats no more than these.
            taken = await self._queue.turn(done, room + len(done), now)
        except BaseException:
            self._done = done + self._done
            raise
        for outcome in done:
            del self._working[outcome.place]
            self._busy_until = max(self._busy_until, now + self._lease, outcome.due)
        for work in taken:
            # A claim of our own may have lapsed, and is ours again: its work goes on.
            if work.place not in self._working:
                self._working[work.place] = asyncio.create_task(self._work(work))

    async def _work(self, work: Work) -> None:
        outcome = await self._outcome(work)
        self._done.append(outcome)
        self._news.set()
        if outcome.result is None:
            self._resting += 1
            asyncio.get_running_loop().call_later(_REST_SECONDS, self._rested)

    def _rested(self) -> None:
        self._resting -= 1
        self._news.set()

    async def _outcome(self, work: Work) -> Outcome:
        gateway = self._gateway
        key = self._key(work.owner)
        if key is None and work.owner:
            gone = Unauthorized(f"the key {work.owner} of the batch is gone or has expired")
            return Outcome(work.place, failed(work.custom_id, gone, new_id("req")))
        record, body = await ask_aside(
            gateway,
            work.body,
            orjson.loads(work.headers),
            key,
            surface=SURFACE,
            path_role=work.role,
            batch=True,
        )
        result = result_of(work.custom_id, record, body)
        if result or record.attempts:  # that it waits at a limit would fill the log
            gateway.ledger.add(record)
        if result:
            return Outcome(work.place, result)
        return Outcome(work.place, due=gateway.clock() + pause(work.tries, record.error))

    def _key(self, owner: str) -> ClientKey | None:
        now = self._gateway.clock()
        keys = (key for key in self._gateway.snapshot.keys if not key.expired(now))
        return next((key for key in keys if key.name == owner), None)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            if places := list(self._working):
                with suppress(StorageGone):  # the next turn tells of it
                    await self._queue.renew(places, self._gateway.clock())

    async def _tidy(self) -> None:
        settings, clock = self._gateway.settings, self._gateway.clock
        while True:
            now = clock()
            old = now - settings.batch_days * _DAY_SECONDS
            with suppress(StorageGone):  # the next turn tells of it
                await self._store.tidy(now, stale=now - _RECEIVING_SECONDS, old=old)
            await asyncio.sleep(_TIDY_SECONDS)

    async def _stop(self, beside: list[asyncio.Task[None]]) -> None:
        """Break off what is not done, and give it back."""
        tasks = [*beside, *self._working.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        now = self._gateway.clock()
        with suppress(StorageGone):  # then the claims lapse
            await self._queue.turn(self._done, 0, now)
            if self._working:
                await self._queue.release(list(self._working), now)
