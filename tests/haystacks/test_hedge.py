"""Two attempts side by side, of which one wins and the other is gone."""

from __future__ import annotations

import asyncio

import pytest

from haystacks.hedge import hedged

NEVER = 60.0


class Racers:
    """What took part, and what became of it."""

    def __init__(self) -> None:
        self.dropped: list[object] = []
        self.cancelled: list[str] = []

    async def drop(self, brought: object) -> None:
        self.dropped.append(brought)

    async def slow(self, name: str) -> str | None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        return name

    async def quick(self, name: str | None) -> str | None:
        return name


async def test_a_first_that_is_quick_enough_is_alone() -> None:
    racers = Racers()
    won = await hedged(racers.quick("one"), lambda: racers.slow("two"), NEVER, racers.drop)
    assert (won, racers.cancelled) == ("one", [])


async def test_where_the_first_is_late_the_second_may_win_and_the_first_is_cancelled() -> None:
    racers = Racers()
    won = await hedged(racers.slow("one"), lambda: racers.quick("two"), 0.01, racers.drop)
    assert (won, racers.cancelled, racers.dropped) == ("two", ["one"], [])


async def test_where_the_second_brings_nothing_the_first_is_awaited() -> None:
    racers, free = Racers(), asyncio.Event()

    async def late() -> str:
        await free.wait()
        return "one"

    async def nothing() -> str | None:
        free.set()
        return None

    assert await hedged(late(), nothing, 0.01, racers.drop) == "one"


async def test_of_two_answers_in_the_same_moment_one_is_dropped() -> None:
    racers, both = Racers(), asyncio.Event()

    async def waiting(name: str) -> str | None:
        await both.wait()
        return name

    async def second() -> str | None:
        asyncio.get_running_loop().call_soon(both.set)
        return await waiting("two")

    won = await hedged(waiting("one"), second, 0.01, racers.drop)
    assert {won, *racers.dropped} == {"one", "two"}


async def test_neither_brings_anything() -> None:
    racers = Racers()
    won = await hedged(racers.quick(None), lambda: racers.quick("two"), NEVER, racers.drop)
    assert won is None


async def test_an_error_of_one_ends_the_other() -> None:
    racers = Racers()

    async def wrong() -> str | None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        await hedged(racers.slow("one"), wrong, 0.01, racers.drop)
    assert racers.cancelled == ["one"]


async def test_who_asked_may_leave_and_takes_both_along() -> None:
    racers, begun = Racers(), asyncio.Event()

    async def second() -> str | None:
        begun.set()
        return await racers.slow("two")

    asked = asyncio.create_task(hedged(racers.slow("one"), second, 0.01, racers.drop))
    await begun.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert sorted(racers.cancelled) == ["one", "two"]


async def test_an_answer_that_has_won_is_dropped_if_who_asked_leaves_before_getting_it() -> None:
    racers, letting_go, free = Racers(), asyncio.Event(), asyncio.Event()

    async def loser() -> str | None:
        try:
            await asyncio.Event().wait()
        finally:
            letting_go.set()
            await free.wait()
        return None

    asked = asyncio.create_task(hedged(loser(), lambda: racers.quick("two"), 0.01, racers.drop))
    await letting_go.wait()
    asked.cancel()
    asyncio.get_running_loop().call_soon(free.set)
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert racers.dropped == ["two"]
