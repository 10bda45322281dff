"""A batch in either database: promised as a whole, and each result in its request's place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from server.batches.batch import Batch
from server.batches.native_store import NativeStore
from server.batches.queue import Outcome, Queue
from server.batches.result import Result
from server.batches.store import BatchStore
from server.storage.database import Database
from server.storage.tables import batch_requests
from tests.server.storage.rows import insertions

BATCH = Batch("msgbatch_1", "", "receiving", "{}", created=1.0, expires=1e9)
MANY = 1234


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    there = Database(url)
    yield there
    await there.close()


def _requests(number: int, **more: str) -> list[dict[str, Any]]:
    plain = {"role": "coder", "model": "", **more}
    return [{"number": n, "custom_id": f"id-{n}", **plain} for n in range(number)]


async def _received(database: Database, number: int) -> BatchStore:
    store = BatchStore(database)
    await store.receive(BATCH)
    await store.bring(BATCH.id, [{"number": n, "body": b"asked %d" % n} for n in range(number)])
    return store


async def test_each_request_is_claimed_once_in_the_order_of_the_batch(database: Database) -> None:
    store = await _received(database, MANY)
    await store.accept(BATCH.id, _requests(MANY))
    works = await Queue(database, "worker", 30).turn([], MANY + 1, MANY)
    assert [work.place for work in works] == [(BATCH.id, n) for n in range(MANY)]
    assert [work.body for work in works] == [b"asked %d" % n for n in range(MANY)]
    assert {(work.custom_id, work.role, work.tries) for work in works} == {
        (f"id-{n}", "coder", 1) for n in range(MANY)
    }


async def test_a_batch_that_can_not_be_promised_whole_is_not_begun(database: Database) -> None:
    store = await _received(database, MANY)
    with pytest.raises(IntegrityError):
        await store.accept(BATCH.id, [*_requests(MANY), *_requests(1)])
    assert await Queue(database, "worker", 30).turn([], MANY, MANY) == []
    assert await store.find("", BATCH.id) is None


async def test_what_no_text_holds_is_replaced_in_what_comes_from_outside(
    database: Database,
) -> None:
    store = await _received(database, 1)
    await store.accept(BATCH.id, _requests(1, role="a\0b", model="c\0d"), "claude")
    async with database.reading() as connection:
        found = (await connection.execute(select(batch_requests))).one()
    assert (found.role, found.model) == ("a\ufffdb", "c\ufffdd")


async def test_each_result_takes_the_place_of_its_request(database: Database) -> None:
    store = await _received(database, 30)
    await store.accept(BATCH.id, _requests(30))
    queue = Queue(database, "worker", 30)
    works = await queue.turn([], 30, 30)
    done = [Outcome(work.place, Result("succeeded", work.body + b"\n")) for work in works]
    assert await queue.turn(done, 1, 31) == []
    lines = b"".join([page async for page in store.results(BATCH.id)])
    assert lines == b"".join(b"asked %d\n" % n for n in range(30))


async def test_a_result_without_a_claim_changes_nothing(database: Database) -> None:
    store = await _received(database, 2)
    await store.accept(BATCH.id, _requests(2))
    await Queue(database, "first", 30).turn([], 2, 2)
    stray = Outcome((BATCH.id, 0), Result("succeeded", b"stray"))
    await Queue(database, "other", 30).turn([stray], 0, 3)
    again = await Queue(database, "third", 30).turn([], 2, 40)
    assert sorted(work.body for work in again) == [b"asked 0", b"asked 1"]


async def test_a_providers_results_are_kept_once(database: Database) -> None:
    store = await _received(database, 30)
    await store.accept(BATCH.id, _requests(30), "claude")
    native = NativeStore(database)
    results = {n: Result("succeeded", b"told %d\n" % n) for n in range(20)}
    results[20] = Result("expired", b"")
    assert await native.finish(BATCH.id, results) == set(range(21))
    assert await native.finish(BATCH.id, {0: Result("errored", b"later")}) == set()
    assert [each.number async for each in native.passed(BATCH.id)] == list(range(21, 30))
    await native.end(BATCH.id, 50, rest="canceled")
    lines = b"".join([page async for page in store.results(BATCH.id)]).splitlines()
    assert lines[:20] == [b"told %d" % n for n in range(20)]
    assert len(lines) == 30


async def test_a_thousand_requests_take_sqlite_a_few_turns(tmp_path: Path) -> None:
    """Each would wait for a busy server's interpreter, and usage meanwhile for the one writer."""
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    await database.start()
    with insertions() as seen:
        store = await _received(database, 1000)
        await store.accept(BATCH.id, _requests(1000))
    assert len(seen) == 21
    await database.close()
