"""Sessions and budgets over real sockets, while the Redis that two servers share dies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.redis_server import RedisServer, needs_redis, redis_server
from tests.running import make_home, running
from tests.standin import StandIn
from tests.talk import AGAIN, Talk, looking

pytestmark = needs_redis

DEEP, QUICK = "first,deep-model", "second,quick-model"


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@asynccontextmanager
async def two(home: Path, redis: RedisServer) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Serve one home twice, as two processes on one Redis do."""
    async with StandIn(looking) as upstream:
        make_home(home, upstream.url)
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
