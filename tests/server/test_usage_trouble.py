"""The database in trouble while requests come: all are answered, and what can be kept is."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.storage import database
from server.usage import log
from tests.postgres_server import needs_postgres, postgres_server
from tests.running import Running, make_home, running, user
from tests.standin import StandIn
from tests.talk import Clock


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(log, "GATHER_SECONDS", 0.01)
    monkeypatch.setattr(log, "RETRY_SECONDS", 0.02)


async def _ask(client: httpx.AsyncClient, count: int) -> None:
    for _ in range(count):
        answer = await client.post("/v1/messages", json=user("hello"))
        assert answer.status_code == 200, answer.text


async def _told(client: httpx.AsyncClient, path: str) -> Any:
    return (await client.get(path)).json()


async def _until(asked: Callable[[], Awaitable[bool]]) -> None:
    end = time.monotonic() + 10
    while not await asked():
        assert time.monotonic() < end, "it never came to that"
        await asyncio.sleep(0.01)


async def _status(client: httpx.AsyncClient, status: str) -> None:
    async def is_so() -> bool:
        ready = await client.get("/ready")
        assert ready.status_code == 200, "requests are served"
        return bool(ready.json()["status"] == status)

    await _until(is_so)


async def _usage(client: httpx.AsyncClient) -> Any:
    return (await _told(client, "/health/detailed"))["storage"]["usage"]


def _rows(proxy: Running) -> int:
    with closing(sqlite3.connect(proxy.home / "state" / "rolegraph.db")) as opened:
        return int(opened.execute("SELECT count(*) FROM requests").fetchone()[0])


async def test_while_another_process_has_the_lock_rows_wait_and_the_rest_is_dropped(
    tmp_path: Path,
) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, usage_queue=5) as proxy, proxy.client() as client:
            file = home / "state" / "rolegraph.db"
            other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            with closing(other):
                # Aside: the server may be in a transaction, and must come to its end.
                await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
                await _ask(client, 8)
                await _status(client, "degraded")
                # What can be read is read all the same, and is no sign of health.
                listed = await client.get("/v1/messages/batches")
                still = await _told(client, "/ready")
                refused = await client.get("/api/usage")
                waiting = await _usage(client)
            await _status(client, "ready")
            total = (await _told(client, "/api/usage"))["total"]
    assert (listed.status_code, still["status"]) == (200, "degraded")
    assert (refused.status_code, refused.headers["content-type"]) == (
        503,
        "application/problem+json",
    )
    assert waiting == {"written": 0, "waiting": 5, "dropped": 3}
    assert total["requests"] == 5


async def test_a_database_that_is_deleted_under_way_goes_on_with_what_comes(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            await _ask(client, 1)
            assert (await _told(client, "/api/usage"))["total"]["requests"] == 1
            for file in (home / "state").glob("rolegraph.db*"):
                file.unlink()
            await _ask(client, 2)
            assert (await _told(client, "/api/usage"))["total"]["requests"] == 2
            assert (await _told(client, "/ready"))["status"] == "ready"


async def test_what_waits_at_the_end_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "GATHER_SECONDS", 60)
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            await _ask(client, 3)
    assert _rows(proxy) == 3


async def test_a_state_folder_that_can_not_be_used_keeps_nobody_from_being_answered(
    tmp_path: Path,
) -> None:
    (tmp_path / "state").write_text("not a folder")
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            await _ask(client, 2)
            await _status(client, "degraded")
            (tmp_path / "state").unlink()
            await _status(client, "ready")
            assert (await _told(client, "/api/usage"))["total"]["requests"] == 2


async def test_what_is_older_than_it_may_be_is_deleted_once_a_day(tmp_path: Path) -> None:
    clock = Clock()
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with (
            running(home, clock=clock, usage_days=2) as proxy,
            proxy.client() as client,
        ):
            await _ask(client, 2)
            clock.now += 86_400
            await _ask(client, 1)
            assert (await _told(client, "/api/usage"))["total"]["requests"] == 3
            clock.now += 1.5 * 86_400

            async def pruned() -> bool:
                return _rows(proxy) == 1

            await _until(pruned)


@needs_postgres
async def test_a_postgresql_that_stops_and_starts_loses_nothing_that_can_wait(
    tmp_path: Path,
) -> None:
    with postgres_server() as postgres:
        async with StandIn() as upstream:
            home = make_home(tmp_path, upstream.url)
            async with (
                running(home, database_url=postgres.url) as proxy,
                proxy.client() as client,
            ):
                await _ask(client, 2)
                before = (await _told(client, "/api/usage"))["total"]
                postgres.stop()
                await _ask(client, 3)
                await _status(client, "degraded")
                postgres.start()
                await _status(client, "ready")
                after = (await _told(client, "/api/usage"))["total"]
    assert (before["requests"], after["requests"]) == (2, 5)
    assert not (home / "state").exists()
