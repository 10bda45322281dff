"""Batches wait for what passes, stand behind live traffic, and touch nobody's session."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.batches import result, runner
from tests.running import make_home, running, user, write
from tests.server.batches.batching import ended, entries, results, seen, sent, stored
from tests.standin import Answer, Behaviour, Held, Seen, StandIn, Status
from tests.talk import Clock

BUSY = Status(529, "Overloaded", {"retry-after": "0"})
LIMITED = Status(429, "slow down", {"retry-after": "0"})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as ever, but not as long."""
    monkeypatch.setattr(result, "_SHORTEST", 0.01)
    monkeypatch.setattr(runner, "_REST_SECONDS", 0.01)
    monkeypatch.setattr(runner, "_LOOK_SECONDS", 0.05)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trouble", [BUSY, LIMITED, Status(503, "maintenance")])
async def test_what_passes_is_waited_for(tmp_path: Path, trouble: Behaviour) -> None:
    async with StandIn([*[trouble] * 4, Answer()]) as upstream:
        home = make_home(
            tmp_path, upstream.url, more="health: {failures: 50, success_rate: 0.01}\n"
        )
        async with running(home) as proxy, proxy.client() as client:
            done = await ended(client, await sent(client, entries("one", "two")))
    assert done["request_counts"]["succeeded"] == 2


@pytest.mark.usefixtures("impatient")
async def test_a_limit_of_ours_is_kept_and_waited_for(tmp_path: Path) -> None:
    clock = Clock()
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url, more="limits: {requests_per_minute: 10}\n")
        write(home, "roles/coder.yaml", "name: Coder\nscenarios: {default: [first, m]}\n")
        async with running(home, clock=clock) as proxy, proxy.client() as client:
            batch = await sent(client, entries(*"abcdefghijkl"))
            await stored(home, "SELECT count(*) = 4 FROM batch_requests WHERE tries > 0 "
                               "AND state = 'processing' AND worker = ''")  # fmt: skip
            assert (await seen(client, batch))["request_counts"]["succeeded"] == 8
            # What batches leave of a limit is there for those who wait.
            live = [await client.post("/v1/messages", json=user("hello")) for _ in range(3)]
            assert [answer.status_code for answer in live] == [200, 200, 429]
            clock.now += 130
            done = await ended(client, batch)
            # What has waited is on record once, as it ended.
            await stored(home, "SELECT count(*) = 12 FROM requests WHERE surface = 'batch'")
    assert done["request_counts"]["succeeded"] == 12
    assert len(upstream.requests) == 14


async def test_a_claim_that_lapses_while_its_worker_lives_begins_nothing_twice(
    tmp_path: Path,
) -> None:
    gate, clock = asyncio.Event(), Clock()
    async with StandIn([Held(gate)]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, clock=clock) as proxy, proxy.client() as client:
            batch = await sent(client, entries("one", "two"))
            await upstream.until(lambda: upstream.open_calls == 2)
            clock.now += 31
            await stored(home, "SELECT min(tries) = 2 FROM batch_requests")
            gate.set()
            done = await ended(client, batch)
    assert done["request_counts"]["succeeded"] == 2
    assert len(upstream.requests) == 2


async def test_money_that_is_spent_ends_a_request(tmp_path: Path) -> None:
    price = "models: [{id: m, price: {input: 3, output: 15}}]\n"
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url, more=price)
        role = "name: Coder\nscenarios: {default: [first, m]}\nbudget: {daily_usd: 0}\n"
        write(home, "roles/coder.yaml", role)
        async with running(home) as proxy, proxy.client() as client:
            batch = await ended(client, await sent(client, entries("one")))
            found = await results(client, batch)
    assert found["id-0"]["error"]["error"]["type"] == "budget_exceeded"
    assert not upstream.requests


@pytest.mark.usefixtures("impatient")
async def test_money_that_is_only_set_aside_is_waited_for(tmp_path: Path) -> None:
    gate = asyncio.Event()
    held = Held(gate, answer=Answer(input_tokens=1, output_tokens=1))
    async with StandIn([held]) as upstream:
        price = "models: [{id: m, price: {input: 3, output: 15}}]\n"
        home = make_home(tmp_path, upstream.url, more=price)
        # Each may cost a tenth of a cent: money for one at a time, and in the end for all.
        role = "name: Coder\nscenarios: {default: [first, m]}\nbudget: {daily_usd: 0.0015}\n"
        write(home, "roles/coder.yaml", role)
        async with running(home) as proxy, proxy.client() as client:
            batch = await sent(client, entries("one", "two", "three"))
            await stored(home, "SELECT count(*) > 1 FROM batch_requests WHERE tries > 0 "
                               "AND (worker = '' OR state != 'processing')")  # fmt: skip
            assert (await seen(client, batch))["request_counts"]["processing"] == 3
            gate.set()
            done = await ended(client, batch)
    assert done["request_counts"]["succeeded"] == 3


async def test_each_live_request_takes_the_place_of_one_of_a_batch(tmp_path: Path) -> None:
    gate, live_gate = asyncio.Event(), asyncio.Event()

    def script(seen: Seen) -> Behaviour:
        return Held(live_gate if b"live" in seen.raw else gate)

    async with StandIn(script) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, batch_concurrency=4) as proxy, proxy.client() as client:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(3):
                    tasks.create_task(client.post("/v1/messages", json=user("live")))
                await upstream.until(lambda: upstream.open_calls == 3)
                batch = await sent(client, entries(*"abcdef"))
                await upstream.until(lambda: upstream.open_calls == 4)
                await stored(home, "SELECT count(*) = 1 FROM batch_requests WHERE worker != ''")
                live_gate.set()
                await upstream.until(
                    lambda: upstream.open_calls == 4 and len(upstream.requests) == 7
                )
                gate.set()
            await ended(client, batch)
    assert len(upstream.requests) == 9


async def test_batches_take_turns(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with StandIn([Held(gate), Answer()]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, batch_concurrency=1) as proxy, proxy.client() as client:
            large = await sent(client, entries(*["large"] * 30))
            await upstream.until(lambda: upstream.open_calls == 1)
            small = await sent(client, entries("small", "small"))
            gate.set()
            await ended(client, small)
            await ended(client, large)
    order = [request.body["messages"][0]["content"] for request in upstream.requests]
    assert "small" in order[1:3]
    assert order.index("small", order.index("small") + 1) < 6


async def test_the_requests_of_a_batch_are_nobodys_session(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client(**{"x-session-id": "s1"}) as client:
            await client.post("/v1/messages", json=user("hello"))
            await ended(client, await sent(client, entries("hello", "hello")))
            listed = (await client.get("/api/sessions")).json()
    assert listed["total"] == 1
    assert listed["sessions"][0]["turns"] == 1


async def test_a_server_that_stops_gives_back_what_it_has_begun(tmp_path: Path) -> None:
    async with StandIn([Held(asyncio.Event()), Answer()]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, batch_concurrency=1) as proxy, proxy.client() as client:
            batch = await sent(client, entries("one", "two"))
            await upstream.until(lambda: upstream.open_calls == 1)
        async with running(home, batch_concurrency=1) as proxy, proxy.client() as client:
            done = await ended(client, await seen(client, batch))
    assert done["request_counts"]["succeeded"] == 2
    assert len(upstream.requests) == 3


async def test_a_role_that_is_gone_ends_its_requests_with_a_404(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with StandIn([Held(gate)]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, batch_concurrency=1) as proxy, proxy.client() as client:
            batch = await sent(client, entries("one", "two"), **{"x-rolegraph-role": "cheap"})
            await upstream.until(lambda: upstream.open_calls == 1)
            (home / "roles/cheap.yaml").unlink()
            assert (await client.post("/api/reload")).json()["ok"]
            gate.set()
            found = await results(client, await ended(client, batch))
    assert found["id-0"]["type"] == "succeeded"
    assert found["id-1"]["error"]["error"]["type"] == "not_found_error"
