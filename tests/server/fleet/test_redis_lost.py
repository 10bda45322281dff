"""Redis killed, frozen and back: requests go on, and no cent is lost or counted twice."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

import pytest
from structlog.testing import capture_logs

from haystacks.shared import Amount, Kind
from server.fleet import fallback
from server.fleet.fallback import Fallback
from server.fleet.redis_shared import RedisShared
from server.fleet.shared import open_shared
from server.settings import Settings
from tests.redis_server import RedisServer, needs_redis, redis_server

pytestmark = needs_redis

# A busy machine may take long to wake this process up, but not as long as a request may stall.
PATIENCE: Final = 0.3
SLACK: Final = 0.7


def decode(raw: bytes) -> str:
    return raw.decode()


TEXT: Final = Kind("text", 600.0, str.encode, decode)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fallback, "RETRY_SECONDS", 0.02)


@pytest.fixture
async def two(redis: RedisServer) -> AsyncIterator[tuple[Fallback, Fallback]]:
    pair = (Fallback(RedisShared(redis.url, PATIENCE)), Fallback(RedisShared(redis.url, PATIENCE)))
    for each in pair:
        await each.start()
    yield pair
    for each in pair:
        await each.close()


def cents(by: int) -> list[Amount]:
    return [Amount("spent", by, 600)]


def put(text: str | None) -> Callable[[str | None], str | None]:
    return lambda _: text


async def well(*each: Fallback) -> None:
    async with asyncio.timeout(20):
        while any(one.trouble() for one in each):
            await asyncio.sleep(0.005)


async def test_a_killed_redis_stops_nobody_and_one_that_comes_back_empty_is_told_all(
    redis: RedisServer, two: tuple[Fallback, Fallback]
) -> None:
    here, there = two
    await there.add(cents(1000))
    assert await here.add(cents(100)) == [1100]
    assert await there.add(cents(0)) == [1100]
    await here.change(TEXT, "kept", put("before"))
    await here.change(TEXT, "gone", put("before"))
    redis.kill()
    began = time.monotonic()
    assert await here.add(cents(10)) == [1110]
    assert await there.add(cents(1)) == [1101]
    here.note(cents(5))
    assert await here.add(cents(0)) == [1115]
    assert await here.read(TEXT, "kept") == "before"
    await here.change(TEXT, "gone", put(None))
    await here.change(TEXT, "new", put("meanwhile"))
    assert time.monotonic() - began < PATIENCE + SLACK
    redis.start()
    await well(here, there)
    assert await there.add(cents(0)) == await here.add(cents(0)) == [1116]
    assert await there.read(TEXT, "kept") == "before"
    assert await there.read(TEXT, "gone") is None
    assert await there.read(TEXT, "new") == "meanwhile"


async def test_a_frozen_redis_holds_requests_up_once_and_what_it_was_asked_counts_once(
    redis: RedisServer, two: tuple[Fallback, Fallback]
) -> None:
    here, there = two
    await here.add(cents(1000))
    redis.freeze()
    began = time.monotonic()
    totals = await asyncio.gather(*(here.add(cents(1)) for _ in range(10)))
    assert sorted(total for (total,) in totals) == list(range(1001, 1011))
    assert time.monotonic() - began < PATIENCE + SLACK
    began = time.monotonic()
    for _ in range(10):
        await here.add(cents(1))
    assert time.monotonic() - began < PATIENCE / 3, "only the first had to wait"
    redis.thaw()
    await well(here)
    assert await here.add(cents(0)) == [1020]
    while await there.add(cents(0)) != [1020]:
        assert there.trouble()


async def test_a_redis_that_comes_and_goes_all_the_time_counts_exactly(
    redis: RedisServer, two: tuple[Fallback, Fallback]
) -> None:
    chance = random.Random(7)
    expected = 0
    over = False

    async def spend(shared: Fallback) -> None:
        nonlocal expected
        while not over:
            by = chance.randrange(-50, 100)
            expected += by
            if chance.random() < 0.3:
                shared.note(cents(by))
            elif chance.random() < 0.2:
                waiting = asyncio.create_task(shared.add(cents(by)))
                await asyncio.sleep(0)
                if waiting.cancel():
                    expected -= by
                await asyncio.gather(waiting, return_exceptions=True)
            else:
                await shared.add(cents(by))
            await asyncio.sleep(chance.random() * 0.01)

    async def disturb() -> None:
        nonlocal over
        for _ in range(4):
            redis.freeze()
            await asyncio.sleep(PATIENCE * 1.2)
            redis.thaw()
            await asyncio.sleep(chance.random() * 0.1)
        over = True

    await asyncio.gather(disturb(), *(spend(each) for each in two))
    for each in two:
        await well(each)
        await each.close()
    last = Fallback(RedisShared(redis.url))
    await last.start()
    assert await last.add(cents(0)) == [expected]
    await last.close()


async def test_trouble_is_told_once_with_its_reason_and_so_is_its_end(
    redis: RedisServer, two: tuple[Fallback, Fallback]
) -> None:
    here, there = two
    await there.close()
    assert here.trouble() == ""
    with capture_logs() as logs:
        redis.kill()
        for _ in range(3):
            await here.add(cents(1))
        assert here.trouble().startswith("Redis is out of reach since ")
        redis.start()
        await well(here)
    assert [(line["log_level"], line["event"][:16]) for line in logs] == [
        ("warning", "redis is out of "),
        ("info", "redis is back, a"),
    ]


async def test_a_server_starts_without_redis_and_finds_it_later(redis: RedisServer) -> None:
    redis.kill()
    shared = open_shared(Settings.model_validate({"redis_url": redis.url}))
    await shared.start()
    assert "No such file" in shared.trouble()
    assert await shared.add(cents(7)) == [7]
    redis.start()
    assert isinstance(shared, Fallback)
    await well(shared)
    assert redis.ask("EXISTS rolegraph:count:spent") == 1
    assert await shared.add(cents(1)) == [8]
    await shared.close()


async def test_the_end_waits_no_longer_for_a_dead_redis_than_a_request(
    redis: RedisServer, two: tuple[Fallback, Fallback]
) -> None:
    here, _ = two
    redis.freeze()
    here.note(cents(1))
    began = time.monotonic()
    await here.close()
    assert time.monotonic() - began < 2 * PATIENCE + SLACK
    redis.thaw()


async def test_words_are_heard_again_when_redis_is_back(
    redis: RedisServer, two: tuple[Fallback, Fallback]
) -> None:
    here, there = two
    heard = asyncio.Event()
    there.listen("news", lambda _: heard.set())
    redis.kill()
    await here.add(cents(1))
    here.tell("news", b"nobody hears this")
    redis.start()
    await well(here, there)
    async with asyncio.timeout(20):
        while not heard.is_set():
            here.tell("news", b"again")
            await asyncio.sleep(0.01)
