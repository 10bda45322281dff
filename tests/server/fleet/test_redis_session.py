"""Sessions and budgets over real sockets, while the Redis that two servers share dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.redis_server import RedisServer, needs_redis, redis_server
from tests.running import ROLE, make_home, running, user, write
from tests.standin import Answer, StandIn
from tests.talk import AGAIN, Talk, looking

pytestmark = needs_redis

DEEP, QUICK = "first,deep-model", "second,quick-model"


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@asynccontextmanager
async def two(home: Path, redis: RedisServer) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Serve a small home twice."""
    async with StandIn(looking) as upstream:
        make_home(home, upstream.url)
        async with serving(home, redis) as clients:
            yield clients


@asynccontextmanager
async def serving(home: Path, redis: RedisServer) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Serve one home twice, as two processes on one Redis do."""
    async with (
        running(home, redis_url=redis.url) as one,
        running(home, redis_url=redis.url) as other,
        one.client() as first,
        other.client() as second,
    ):
        yield [first, second]


async def test_a_turn_goes_on_at_whichever_server_the_next_request_reaches(
    tmp_path: Path, redis: RedisServer
) -> None:
    async with two(tmp_path, redis) as clients:
        talk = Talk(clients[0], {"x-session-id": "s1"})
        assert await talk.says(f"plan mode: {AGAIN}") == DEEP
        for client in (*clients[::-1], *clients):
            talk.client = client
            assert await talk.result(f"a quick answer; {AGAIN}") == DEEP
        told = [(await client.get("/api/sessions/s1")).json()["key"] for client in clients]
    assert told[0] == told[1]


async def test_a_pin_and_a_judgement_at_one_are_known_to_the_other(
    tmp_path: Path, redis: RedisServer
) -> None:
    async with two(tmp_path, redis) as clients:
        talk = Talk(clients[0], {"x-session-id": "s1"})
        await talk.says("hello", x_rolegraph_pin="second,quick-model")
        talk.client = clients[1]
        assert await talk.says("plan mode, please") == QUICK
        shown = (await clients[0].get("/api/sessions/s1")).json()
        for told in shown["decisions"]:
            body = {"decision_id": told["decision_id"], "score": 1}
            assert (await clients[0].post("/api/feedback", json=body)).status_code == 200


async def test_two_servers_keep_one_budget_to_the_nano_dollar(
    tmp_path: Path, redis: RedisServer
) -> None:
    priced = "models: [{id: plain-model, price: {input: 3.0, output: 15.0}}]"
    async with StandIn([Answer(input_tokens=10, output_tokens=5)]) as upstream:
        make_home(tmp_path, upstream.url, more=priced)
        write(tmp_path, "roles/coder.yaml", ROLE + "    budget: {daily_usd: 0.0105}\n")
        async with serving(tmp_path, redis) as clients:
            body = user("hi", max_tokens=5)
            asked = [clients[n % 2].post("/v1/messages", json=body) for n in range(40)]
            answers = await asyncio.gather(*asked)
            assert {answer.status_code for answer in answers} == {200}
            for client in clients:
                await left(client, 0.6)  # forty of a hundred


async def left(client: httpx.AsyncClient, share: float) -> None:
    """Wait until the server knows that so much is left: what is settled is told behind requests."""
    async with asyncio.timeout(5):
        while True:
            told = (await client.post("/api/route", json={"prompt": "hi"})).json()
            if told["budget"]["left"] == share:
                return


async def test_when_redis_dies_the_turn_goes_on_and_the_details_say_so(
    tmp_path: Path, redis: RedisServer
) -> None:
    async with two(tmp_path, redis) as clients:
        talk = Talk(clients[0], {"x-session-id": "s1"})
        assert await talk.says(f"plan mode: {AGAIN}") == DEEP
        details = (await clients[0].get("/health/detailed")).json()
        assert details["shared_state"] == "ok"
        redis.kill()
        assert await talk.result(f"a quick answer; {AGAIN}") == DEEP
        details = (await clients[0].get("/health/detailed")).json()
        assert details["shared_state"].startswith("Redis is out of reach since")
        assert details["status"] == "ok"
