"""One contract of shared state, kept in memory, in Redis, and with Redis behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar

import pytest

from haystacks.local import LocalShared
from haystacks.shared import Amount, Kind
from server.fleet.fallback import Fallback
from server.fleet.redis_shared import RedisShared
from tests.redis_server import RedisServer, needs_redis, redis_server

T = TypeVar("T")


def decode(raw: bytes) -> str:
    return raw.decode()


TEXT: Final = Kind("text", 60.0, str.encode, decode)
OTHER: Final = Kind("text2", 60.0, str.encode, decode)
# A test's own machine may be slow; a request's patience is tested elsewhere.
PATIENCE: Final = 10.0


class Store(Protocol):
    """What all three can do."""

    async def read(self, kind: Kind[T], key: str) -> T | None: ...
    async def change(
        self, kind: Kind[T], key: str, change: Callable[[T | None], T | None]
    ) -> T | None: ...
    async def each(self, kind: Kind[T]) -> list[tuple[str, T]]: ...
    async def add(self, amounts: Sequence[Amount]) -> list[int]: ...


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(
    params=[
        "local",
        pytest.param("redis", marks=needs_redis),
        pytest.param("fallback", marks=needs_redis),
    ]
)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    if request.param == "local":
        yield LocalShared()
        return
    server: RedisServer = request.getfixturevalue("redis")
    server.empty()
    shared = RedisShared(server.url, PATIENCE)
    if request.param == "redis":
        await shared.reach()
        yield shared
        await shared.close()
    else:
        fallback = Fallback(shared)
        await fallback.start()
        yield fallback
        await fallback.close()


@pytest.fixture
async def two(redis: RedisServer) -> AsyncIterator[tuple[Fallback, Fallback]]:
    """Two processes, as far as Redis can tell."""
    redis.empty()
    pair = (Fallback(RedisShared(redis.url, PATIENCE)), Fallback(RedisShared(redis.url, PATIENCE)))
    for each in pair:
        await each.start()
    yield pair
    for each in pair:
        await each.close()


def put(text: str | None) -> Callable[[str | None], str | None]:
    return lambda _: text


def longer(text: str | None) -> str:
    return (text or "") + "."


async def lengthen(store: Store) -> None:
    await store.change(TEXT, "a", longer)


async def test_what_was_never_kept_is_nothing(store: Store) -> None:
    assert await store.read(TEXT, "a") is None
    assert await store.each(TEXT) == []
    assert await store.add([Amount("a", 0, 60)]) == [0]
    assert await store.add([]) == []


@pytest.mark.parametrize("key", ["a", "a:b c\n{*?}", "é\ud800", "x" * 1000])
async def test_what_a_change_makes_is_kept_under_any_key(store: Store, key: str) -> None:
    assert await store.change(TEXT, key, put("one")) == "one"
    assert await store.change(TEXT, key, longer) == "one."
    assert await store.read(TEXT, key) == "one."
    assert await store.each(TEXT) == [(key, "one.")]
    assert await store.read(OTHER, key) is None


async def test_what_becomes_nothing_is_forgotten(store: Store) -> None:
    await store.change(TEXT, "a", put("one"))
    assert await store.change(TEXT, "a", put(None)) is None
    assert await store.read(TEXT, "a") is None
    assert await store.change(TEXT, "a", put(None)) is None


async def test_nothing_and_the_empty_are_not_the_same(store: Store) -> None:
    await store.change(TEXT, "a", put(""))
    assert await store.read(TEXT, "a") == ""
    assert await store.change(TEXT, "a", longer) == "."


async def test_each_kind_is_listed_by_itself_the_last_changed_first(store: Store) -> None:
    for number in range(3):
        await store.change(TEXT, str(number), put("t"))
        await asyncio.sleep(0.002)  # Redis counts in milliseconds
    await store.change(OTHER, "other", put("o"))
    await store.change(TEXT, "0", longer)
    assert [key for key, _ in await store.each(TEXT)] == ["0", "2", "1"]


async def test_counters_are_added_up_in_one_step_and_zero_only_reads(store: Store) -> None:
    assert await store.add([Amount("a", 5, 60), Amount("b", -2, 60)]) == [5, -2]
    assert await store.add([Amount("b", 0, 60), Amount("a", 7, 60)]) == [-2, 12]
    billion_dollars = 10**15
    assert await store.add([Amount("a", billion_dollars, 60)]) == [billion_dollars + 12]


async def test_of_many_changes_at_once_none_is_lost(store: Store) -> None:
    await asyncio.gather(*(lengthen(store) for _ in range(20)))
    assert await store.read(TEXT, "a") == "." * 20
    totals = await asyncio.gather(*(store.add([Amount("a", 1, 60)]) for _ in range(20)))
    assert sorted(total for (total,) in totals) == list(range(1, 21))


@needs_redis
async def test_two_processes_that_change_the_same_thing_at_once_lose_nothing(
    two: tuple[Fallback, Fallback],
) -> None:
    await asyncio.gather(*(lengthen(each) for each in two for _ in range(20)))
    for each in two:
        assert await each.read(TEXT, "a") == "." * 40


@needs_redis
async def test_all_is_forgotten_in_redis_so_long_after_its_last_change(
    redis: RedisServer, two: tuple[Fallback, Fallback]
) -> None:
    shared, _ = two
    await shared.change(TEXT, "a", longer)
    await shared.add([Amount("a", 1, 30)])
    for key, most in (("kept:text:a", 60_000), ("count:a", 30_000)):
        left = redis.ask(f"PTTL rolegraph:{key}")
        assert most - 5000 < left <= most


@needs_redis
async def test_what_is_noted_is_known_here_at_once_and_elsewhere_soon(
    two: tuple[Fallback, Fallback],
) -> None:
    here, there = two
    here.note([Amount("a", 5, 60)])
    here.note([Amount("a", 6, 60), Amount("b", 1, 60)])
    assert await here.add([Amount("a", 0, 60)]) == [11]
    while await there.add([Amount("a", 0, 60), Amount("b", 0, 60)]) != [11, 1]:
        await asyncio.sleep(0.001)
    await here.close()
    assert await there.add([Amount("a", 0, 60)]) == [11]


@needs_redis
async def test_what_was_noted_before_the_end_is_not_lost(two: tuple[Fallback, Fallback]) -> None:
    here, there = two
    here.note([Amount("a", 5, 60)])
    await here.close()
    assert await there.add([Amount("a", 0, 60)]) == [5]


@needs_redis
async def test_who_stops_waiting_has_added_nothing(two: tuple[Fallback, Fallback]) -> None:
    here, there = two
    for _ in range(10):
        waiting = asyncio.create_task(here.add([Amount("a", 1, 60)]))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert waiting.cancelled()
    assert await here.add([Amount("a", 0, 60)]) == [0]
    await here.close()
    assert await there.add([Amount("a", 0, 60)]) == [0]


@needs_redis
async def test_a_word_is_heard_by_the_others_by_its_topic_and_not_by_who_says_it(
    two: tuple[Fallback, Fallback],
) -> None:
    here, there = two
    heard: list[tuple[str, bytes]] = []
    got = asyncio.Event()

    def hear(topic: str) -> Callable[[bytes], None]:
        def note(word: bytes) -> None:
            heard.append((topic, word))
            got.set()

        return note

    here.listen("news", hear("own"))
    there.listen("else", hear("else"))
    there.listen("news", hear("news"))
    while not got.is_set():  # it may not listen yet
        here.tell("news", b"two words\x00")
        await asyncio.sleep(0.01)
    assert set(heard) == {("news", b"two words\x00")}


@needs_redis
async def test_what_another_version_wrote_counts_as_not_kept(
    two: tuple[Fallback, Fallback],
) -> None:
    def refuse(_raw: bytes) -> str:
        raise ValueError("of another version")

    here, _ = two
    newer: Kind[Any] = Kind("text", 60.0, str.encode, refuse)
    await here.change(TEXT, "a", put("old"))
    assert await here.read(newer, "a") is None
    assert await here.each(newer) == []
    assert await here.change(newer, "a", put("new")) == "new"
    assert await here.read(TEXT, "a") == "new"
