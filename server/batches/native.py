"""Batches that Anthropic works on: passed on, watched, and brought home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import orjson
import structlog

from haystacks.answer import Answer
from haystacks.classify import from_status
from haystacks.dialects.error_body import decode_error
from haystacks.dialects.table import DIALECTS
from haystacks.errors import BadAnswer, RolegraphError
from haystacks.http.call import Reply, Upload
from haystacks.native import native_body
from haystacks.passthrough import passed_call
from haystacks.pool import Candidate, Haystack
from haystacks.prices import charged
from haystacks.usage import Tally
from server.asking import read_request
from server.batches.batch import Batch
from server.batches.native_results import counts_of, lines_of, result_as_asked
from server.batches.native_store import NativeStore, Passed
from server.gateway import Gateway
from server.record import Record
from server.storage.database import StorageGone

PATH: Final = "/v1/messages/batches"

# What Anthropic takes for a request of a batch.
_PRICE: Final = 0.5

# Other processes may have taken a batch in.
_LOOK_SECONDS: Final = 5.0
# Sooner than ours is nothing known, later than a minute is annoying; between them a tenth of
# the time that has gone by.
_SOONEST: Final = 5.0
_LATEST: Final = 60.0
# Passing on 256 MB, or fetching as much, takes no longer.
_HOLD_SECONDS: Final = 900.0
# A provider ends its batch by itself; after so much longer nobody waits for its word.
_GRACE_SECONDS: Final = 3600.0
_PORTION: Final = 100

log = structlog.get_logger("rolegraph")


class NativeRunner:
    """Looks after the batches that providers work on, one at a time. ``run`` never ends.

    ``taken_back`` is called when a batch is left to the workers here.
    """

    def __init__(self, gateway: Gateway, taken_back: Callable[[], None]) -> None:
        self._gateway = gateway
        self._taken_back = taken_back
        self._store = NativeStore(gateway.database)
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Look for batches now."""
        self._news.set()

    async def run(self) -> None:
        """Look after batches until cancelled; while the database is away, wait for it."""
        while True:
            self._news.clear()
            with suppress(StorageGone):  # the workers of our own batches tell of it
                while batch := await self._next():
                    await self._look_after(batch, self._gateway.clock())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK_SECONDS)

    async def _next(self) -> Batch | None:
        now = self._gateway.clock()
        return await self._store.due(now, now + _LATEST)

    async def _look_after(self, batch: Batch, now: float) -> None:
        """Bring a batch one step on; whatever fails is tried again."""
        haystack = self._gateway.snapshot.haystacks.get(batch.native)
        try:
            if haystack is None or haystack.inactive:
                raise BadAnswer(f"the haystack {batch.native} is not in use")
            if not batch.native_id:
                await self._pass_on(batch, haystack, now)
            else:
                await self._watch(batch, haystack, now)
        except StorageGone:
            raise
        except RolegraphError as error:
            log.warning("a passed batch waits", batch=batch.id, error=error.message)
            if now > batch.expires + _GRACE_SECONDS:
                await self._store.end(batch.id, now, rest="expired")
            elif not batch.native_id and error.status < 500 and error.status != 429:
                await self._store.take_back(batch.id)
                self._taken_back()
            else:
                await self._store.change(batch.id, native_due=now + _LATEST)

    async def _pass_on(self, batch: Batch, haystack: Haystack, now: float) -> None:
        """Give the whole batch to its provider; a crash right behind it repeats it."""
        if batch.state == "canceling":
            await self._store.end(batch.id, now, rest="canceled")
            return
        await self._store.change(batch.id, native_due=now + _HOLD_SECONDS)
        body = Upload(self._written(batch, haystack))
        told = await self._json(batch, haystack, "POST", PATH, body)
        native_id = str(told.get("id") or "")
        if not native_id:
            raise BadAnswer("the provider named no batch")
        log.info("batch passed on", batch=batch.id, haystack=haystack.name, native=native_id)
        await self._store.change(batch.id, native_id=native_id, native_due=now + _SOONEST)

    async def _written(self, batch: Batch, haystack: Haystack) -> AsyncIterator[bytes]:
        """Yield the batch as the provider takes it: the same requests, under its models' names."""
        begin = b'{"requests":['
        async for each in self._store.passed(batch.id):
            params = orjson.loads(each.body)
            body, _ = native_body(each.body, params, "anthropic", haystack.model(each.model))
            yield begin + orjson.dumps(
                {"custom_id": each.custom_id, "params": orjson.Fragment(body)}
            )
            begin = b","
        yield b"]}"

    async def _watch(self, batch: Batch, haystack: Haystack, now: float) -> None:
        """Mirror how far the provider is, and fetch the results of what has ended."""
        path = f"{PATH}/{batch.native_id}"
        told = await self._json(batch, haystack, "GET", path)
        if told.get("processing_status") == "ended":
            await self._store.change(batch.id, native_due=now + _HOLD_SECONDS)
            await self._fetch(batch, haystack, path)
            await self._store.end(batch.id, self._gateway.clock(), rest="expired")
            return
        if batch.state == "canceling" and told.get("processing_status") == "in_progress":
            told = await self._json(batch, haystack, "POST", f"{path}/cancel")
        counts = counts_of(batch, told.get("request_counts"))
        pause = min(max(_SOONEST, (now - batch.created) / 10), _LATEST)
        await self._store.change(batch.id, native_due=now + pause, **counts)

    async def _fetch(self, batch: Batch, haystack: Haystack, path: str) -> None:
        numbers = await self._store.numbers(batch.id)
        reply = await self._reply(batch, haystack, "GET", f"{path}/results")
        lines: dict[int, dict[str, Any]] = {}
        async for line in lines_of(reply):
            if (number := numbers.get(line["custom_id"])) is not None:
                lines[number] = line["result"]
            if len(lines) == _PORTION:
                await self._keep(batch, haystack, lines)
                lines = {}
        if lines:
            await self._keep(batch, haystack, lines)

    async def _keep(
        self, batch: Batch, haystack: Haystack, told: Mapping[int, dict[str, Any]]
    ) -> None:
        """Store results, and what each has cost, once."""
        asked = {each.number: each for each in await self._store.these(batch.id, list(told))}
        results = {number: result_as_asked(asked[number], told[number]) for number in asked}
        for number in await self._store.finish(batch.id, results):
            self._record(batch, haystack, asked[number], told[number])

    def _record(
        self, batch: Batch, haystack: Haystack, asked: Passed, told: dict[str, Any]
    ) -> None:
        if told["type"] != "succeeded":
            return
        request = read_request(DIALECTS["anthropic"], asked.body, {})
        message = told["message"]
        usage = Tally(request.estimate).usage(
            message.get("usage") or {}, stop_reason=str(message.get("stop_reason") or "")
        )
        candidate = Candidate(haystack, haystack.model(asked.model))
        record = Record("batch", role=asked.role, key=batch.owner, at=self._gateway.clock())
        record.answer = Answer(candidate, {}, (), lambda: usage)
        record.status, record.outcome = 200, "ok"
        record.end()
        if price := candidate.model.price:
            record.cost = charged(price, usage) * _PRICE
        self._gateway.ledger.add(record)

    async def _json(
        self, batch: Batch, haystack: Haystack, method: str, path: str, body: Upload | None = None
    ) -> dict[str, Any]:
        reply = await self._reply(batch, haystack, method, path, body)
        try:
            told = orjson.loads(await reply.read())
        except orjson.JSONDecodeError as error:
            raise BadAnswer("the provider's answer about a batch is not JSON") from error
        if not isinstance(told, dict):
            raise BadAnswer("the provider's answer about a batch is no JSON object")
        return told

    async def _reply(
        self, batch: Batch, haystack: Haystack, method: str, path: str, upload: Upload | None = None
    ) -> Reply:
        """Return a good reply. Raises what a bad one means."""
        headers = {**orjson.loads(batch.headers), "content-type": "application/json"}
        headers["accept-encoding"] = "identity"
        call = passed_call(haystack, method, path, headers, upload or b"")
        reply = await self._gateway.send(haystack, call)
        if reply.status >= 300:
            body = await reply.read()
            kind, message = decode_error(reply.status, body)
            raise from_status(reply.status, kind, message, {}, body)
        return reply
