"""Without its database the server takes no batches, and goes on with them when it is back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from server.batches import runner
from server.storage.database import StorageGone
from tests.postgres_server import needs_postgres, postgres_server
from tests.running import make_home, running, user
from tests.server.batches.batching import PATH, ended, entries, results, sent
from tests.standin import Held, StandIn


@needs_postgres
async def test_batches_wait_for_a_database_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_STORAGE_SECONDS", 0.1)
    gate = asyncio.Event()
    with postgres_server() as database:
        async with StandIn([Held(gate)]) as upstream:
            home = make_home(tmp_path, upstream.url)
            async with (
                running(home, database_url=database.url, batch_concurrency=2) as proxy,
                proxy.client() as client,
            ):
                batch = await sent(client, entries(*"abcd"))
                await upstream.until(lambda: upstream.open_calls == 2)
                database.stop()
                path = f"{PATH}/{batch['id']}"
                answers = [
                    await client.post(PATH, json={"requests": entries("x")}),
                    await client.get(PATH),
                    await client.get(path),
                    await client.get(f"{path}/results"),
                    await client.post(f"{path}/cancel"),
                    await client.delete(path),
                ]
                gate.set()
                live = await client.post("/v1/messages", json=user("hello"))
                database.start()
                done = await ended(client, batch)
                assert len(await results(client, done)) == 4
    assert {answer.status_code for answer in answers} == {503}
    assert answers[0].json()["error"]["type"] == "api_error"
    assert live.status_code == 200
    assert done["request_counts"]["succeeded"] == 4
    assert len(upstream.requests) == 5  # what was done meanwhile is stored, not asked again


async def test_an_outage_is_told_once_however_often_it_is_met(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met, thrice = 0, asyncio.Event()

    async def away(_runner: runner.Runner) -> None:
        nonlocal met
        met += 1
        if met == 3:
            thrice.set()
        raise StorageGone("it is away")

    monkeypatch.setattr(runner.Runner, "_turn", away)
    monkeypatch.setattr(runner, "_STORAGE_SECONDS", 0.01)
    with capture_logs() as logs:
        async with running(make_home(tmp_path, "http://127.0.0.1:9")):
            await asyncio.wait_for(thrice.wait(), 10)
    assert [each["event"] for each in logs].count("batches wait for the database") == 1
