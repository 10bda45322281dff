"""Usage in either database: any record can be written, and is summed up and paged alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from haystacks.errors import BadRequest
from haystacks.usage import Usage
from server.record import Record
from server.storage.database import Database
from server.usage.decisions import decision, page
from server.usage.log import UsageLog
from server.usage.report import GROUPS, groups_of, sums, total
from tests.server.storage.rows import insertions

NOON = datetime(2027, 1, 15, 12, tzinfo=UTC).timestamp()
EVER: dict[str, Any] = {"since": 0.0, "until": 1e11}


def _record(at: float = NOON, **more: object) -> Record:
    record = Record("anthropic", at=at, status=200, outcome="ok", role="coder")
    for name, value in more.items():
        setattr(record, name, value)
    return record


@asynccontextmanager
async def _written(url: str, *records: Record) -> AsyncIterator[Database]:
    database = Database(url)
    log = UsageLog(database, lambda: NOON, bound=100, days=0)
    log.start()
    log.take(records)
    await log.close()
    assert (log.written, log.dropped) == (len(records), 0)
    yield database
    await database.close()


async def test_whatever_an_upstream_tells_can_be_written_and_summed(url: str) -> None:
    strange = _record(
        usage=Usage(10**30, -5, reasoning=10**30),
        cost=float("inf"),
        session="a\0b",
        error=BadRequest("it said \0 and token=secretsecret " + "x" * 10_000),
    )
    async with _written(
        url, strange, *(_record(usage=Usage(10**30, 1)) for _ in range(50))
    ) as there:
        (found,) = await sums(there, [], **EVER)
        row = await decision(there, strange.request_id)
    assert found.requests == 51
    assert 0 < found.tokens[0] < 2**63
    assert row is not None
    assert (row["session"], row["output"], row["usd"]) == ("ab", 0, "0.00")
    assert "secretsecret" not in row["error"]
    assert len(row["error"]) <= 2000


async def test_counts_that_are_no_numbers_are_written_as_some(url: str) -> None:
    """JSON has ``true``, which Python takes for a count, and PostgreSQL does not."""
    told = Usage(input=True, output=True, cache_read=True, cache_write=True, reasoning=True)
    async with _written(url, _record(usage=told)) as there:
        (found,) = await sums(there, [], **EVER)
    assert found.tokens == (1, 1, 1, 1, 1)


async def test_a_row_that_can_not_be_stored_takes_no_other_with_it(url: str) -> None:
    database = Database(url)
    log = UsageLog(database, lambda: NOON, bound=2000, days=0)
    log.start()
    for _ in range(2):
        log.take([_record() for _ in range(300)])
        log.take([_record(role="half a character: \ud800")])
        log.take([_record() for _ in range(400)])
    await log.close()
    (found,) = await sums(database, [], **EVER)
    await database.close()
    assert (log.written, log.dropped, log.waiting) == (1400, 2, 0)
    assert found.requests == 1400


async def test_sums_by_every_group_add_up(url: str) -> None:
    day = 86_400
    records = [
        _record(NOON, key="ann", cost=0.1),
        _record(NOON + day / 2, key="ann", cost=0.2),  # midnight: the next day
        _record(NOON + day, key="bob", cost=0.000000001, outcome="failed"),
    ]
    async with _written(url, *records) as there:
        for group in GROUPS:
            found = total(await sums(there, [group], **EVER))
            assert (found.requests, found.failed, found.nano_usd) == (3, 1, 300_000_001)
        by = [each.group for each in await sums(there, groups_of("key,day"), **EVER)]
        ours = await sums(there, ["key"], key="bob", **EVER)
        first = await sums(there, [], since=NOON, until=NOON + day / 2)
        none = await sums(there, ["role"], since=0, until=1)
    assert by == [("ann", "2027-01-15"), ("ann", "2027-01-16"), ("bob", "2027-01-16")]
    assert [each.requests for each in (*ours, *first)] == [1, 1]
    assert none == []


async def test_the_same_row_twice_is_one(url: str) -> None:
    record = _record()
    async with _written(url, record, record) as there:
        assert len(await page(there, limit=10, before="", only={})) == 1


async def test_rows_that_have_gathered_are_written_together(tmp_path: Path) -> None:
    """One by one, they would wait for a busy server's interpreter at each row, and be dropped."""
    with insertions() as seen:
        async with _written(f"sqlite:///{tmp_path / 'x.db'}", *(_record() for _ in range(100))):
            assert len([each for each in seen if "INTO requests" in each]) == 1


async def test_pages_follow_the_order_of_time(url: str) -> None:
    records = [_record(request_id=f"req_{n}") for n in range(5)]
    async with _written(url, *records) as there:
        pages = [
            [row["id"] for row in await page(there, limit=2, before=before, only={"role": "coder"})]
            for before in ("", "req_3", "req_1")
        ]
    assert pages == [["req_4", "req_3"], ["req_2", "req_1"], ["req_0"]]


@pytest.mark.parametrize("named", ["", "role,", "role,role", "colour"])
def test_groups_that_there_are_not_are_refused(named: str) -> None:
    with pytest.raises(ValueError, match="each once"):
        groups_of(named)
