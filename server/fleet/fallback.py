"""Shared state that survives the loss of Redis: what this process knows goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import structlog

from haystacks.local import LocalShared
from haystacks.shared import Amount, Kind, negated
from server.fleet.outbox import Addition, Outbox
from server.fleet.redis_line import Unreachable
from server.fleet.redis_shared import PAGE, RedisShared

T = TypeVar("T")

RETRY_SECONDS: Final = 1.0

# As many things as are remembered to be written when Redis is back, those changed last: memory
# itself keeps no more of a kind.
MOST_CHANGED: Final = 10_000

log = structlog.get_logger("rolegraph.shared")


class Fallback:
    """Redis while it answers, and this process's memory while it does not.

    Memory holds a copy of what was last read and written, and of the counters,
    so it goes on from there at once. What changes meanwhile is kept in mind:
    when Redis is back, each amount is added to it exactly once, and things are
    written over. A Redis that has forgotten is reminded of what was known here.
    """

    def __init__(self, redis: RedisShared, local: LocalShared | None = None) -> None:
        self._redis = redis
        self._local = local or LocalShared()
        self._outbox = Outbox(redis.next_number)
        self._untold: list[tuple[str, bytes]] = []
        self._ears: dict[str, list[Callable[[bytes], None]]] = {}
        # Things changed while Redis was away, by kind and key; whether they were forgotten.
        self._changed: dict[tuple[str, str], tuple[Kind[Any], bool]] = {}
        self._identity = ""
        self._reason = "not yet asked for"
        self._since = datetime.now(UTC)
        self._well = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._posting = False

    async def start(self) -> None:
        """Reach Redis, or begin without it."""
        try:
            await self._catch_up()
        except Unreachable as error:
            self._lose(error)
        self._begin(self._hear())

    async def close(self) -> None:
        """Send what waits, if Redis takes it, and hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._send()
        except Unreachable as error:
            if self._outbox:
                log.warning("counters are lost: redis is out of reach", error=str(error))
        await self._redis.close()

    def trouble(self) -> str:
        """Return why nothing is shared at the moment, and since when."""
        if self._well.is_set():
            return ""
        return f"Redis is out of reach since {self._since:%H:%M:%S} UTC: {self._reason}"

    # -- What is kept

    async def read(self, kind: Kind[T], key: str) -> T | None:
        """Return what is kept, or ``None``."""
        if self._well.is_set():
            try:
                found = await self._redis.read(kind, key)
            except Unreachable as error:
                self._lose(error)
            else:
                self._local.keep(kind, key, found)
                return found
        return self._local.find(kind, key)

    async def change(
        self, kind: Kind[T], key: str, change: Callable[[T | None], T | None]
    ) -> T | None:
        """Apply a function to what is kept, and return what it made."""
        if self._well.is_set():
            try:
                made = await self._redis.change(kind, key, change)
            except Unreachable as error:
                self._lose(error)
            else:
                self._local.keep(kind, key, made)
                return made
        made = await self._local.change(kind, key, change)
        self._changed.pop((kind.name, key), None)
        self._changed[kind.name, key] = (kind, made is None)
        if len(self._changed) > MOST_CHANGED:
            del self._changed[next(iter(self._changed))]
        return made

    async def each(self, kind: Kind[T]) -> list[tuple[str, T]]:
        """Return everything of a kind with its key."""
        if self._well.is_set():
            try:
                return await self._redis.each(kind)
            except Unreachable as error:
                self._lose(error)
        return await self._local.each(kind)

    # -- Counters

    async def add(self, amounts: Sequence[Amount]) -> list[int]:
        """Add to counters and return their totals."""
        if not self._well.is_set():
            self._outbox.put(amounts)
            return await self._local.add(amounts)
        addition = Addition(self._redis.next_number(), tuple(amounts))
        try:
            totals = await self._redis.add(amounts, addition.number)
        except Unreachable as error:
            self._outbox.doubt(addition)
            self._lose(error)
            return await self._local.add(amounts)
        except asyncio.CancelledError:
            # Memory has not heard of them, so there they need not be taken back.
            self._outbox.doubt(addition)
            self._outbox.put(negated(amounts))
            self._post_soon()
            raise
        return self._known(addition, totals)

    def note(self, amounts: Sequence[Amount]) -> None:
        """Add to counters soon."""
        self._local.note(amounts)
        self._outbox.put(amounts)
        self._post_soon()

    def _known(self, addition: Addition, totals: list[int]) -> list[int]:
        """Copy totals from Redis into memory, with what they lack.

        Additions are heard in the order of their numbers: none before this one is lacking.
        """
        if self._outbox:
            totals = [
                total + self._outbox.pending(amount.key, addition.number)
                for amount, total in zip(addition.amounts, totals, strict=True)
            ]
        for amount, total in zip(addition.amounts, totals, strict=True):
            self._local.set_total(amount.key, total, amount.seconds)
        return totals

    # -- Words

    def tell(self, topic: str, word: bytes) -> None:
        """Tell the other processes; while Redis is away, nobody."""
        if self._well.is_set():
            self._untold.append((topic, word))
            self._post_soon()

    def listen(self, topic: str, hear: Callable[[bytes], None]) -> None:
        """Call ``hear`` with every word that another process tells of a topic."""
        self._ears.setdefault(topic, []).append(hear)

    async def _hear(self) -> None:
        """Listen forever. A Redis that ends is noticed here first, also when nothing is asked."""
        while True:
            await self._well.wait()
            try:
                async with aclosing(self._redis.words()) as words:
                    async for topic, word in words:
                        for hear in self._ears.get(topic, ()):
                            hear(word)
            except Unreachable as error:
                self._lose(error)

    # -- To and fro

    def _begin(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _post_soon(self) -> None:
        """Send what nobody waits for; what comes while it is on its way goes with the next."""
        if not self._posting and self._well.is_set():
            self._posting = True
            self._begin(self._post())

    async def _post(self) -> None:
        try:
            while (self._outbox or self._untold) and self._well.is_set():
                await self._send()
                untold, self._untold = self._untold, []
                for topic, word in untold:
                    await self._redis.tell(topic, word)
        except Unreachable as error:
            self._lose(error)
        finally:
            self._posting = False

    def _lose(self, error: Unreachable) -> None:
        """Go on without Redis, and look for it."""
        if not self._well.is_set() and self._identity:
            return
        self._well.clear()
        self._reason, self._since = str(error), datetime.now(UTC)
        self._begin(self._return())
        log.warning("redis is out of reach: what this process knows goes on", error=str(error))

    async def _return(self) -> None:
        while True:
            try:
                await self._catch_up()
            except Unreachable as error:
                self._reason = str(error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                seconds = (datetime.now(UTC) - self._since).total_seconds()
                log.info("redis is back, and has all that happened", seconds=round(seconds, 1))
                return

    async def _catch_up(self) -> None:
        """Tell Redis all that it does not know; from the moment when nothing is left, use it."""
        identity = await self._redis.reach()
        if self._identity not in {"", identity}:
            await self._remind()
        self._identity = identity
        while self._outbox or self._changed:
            await self._send()
            await self._write()
        self._well.set()

    async def _send(self) -> None:
        for addition in self._outbox.additions():
            totals = await self._redis.add(addition.amounts, addition.number)
            self._outbox.confirm(addition)
            self._known(addition, totals)

    async def _write(self) -> None:
        while self._changed:
            name, (kind, forgotten) = self._changed.popitem()
            thing = self._local.find(kind, name[1])
            if thing is None and not forgotten:
                continue  # it was too old, or one too many
            try:
                await self._redis.keep(kind, name[1], thing, kind.seconds)
            except Unreachable:
                self._changed.setdefault(name, (kind, forgotten))
                raise

    async def _remind(self) -> None:
        """Give a Redis that was started anew what this process knows, where that is more."""
        least = [
            Amount(total.key, known, total.seconds)
            for total in self._local.totals()
            if (known := total.by - self._outbox.pending(total.key)) > 0
        ]
        for first in range(0, len(least), PAGE):
            await self._redis.raise_to(least[first : first + PAGE])
        for kind, key, thing, seconds in list(self._local.kept()):
            await self._redis.keep(kind, key, thing, seconds, anew=True)
