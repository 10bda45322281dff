"""The walk along the candidates, over real sockets to providers with faults."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from haystacks.errors import (
    Exhausted,
    LimitReached,
    OurKeyRefused,
    Overloaded,
    RateLimited,
    Refused,
    TooLong,
)
from haystacks.health.retry_budget import RetryBudget
from haystacks.pool import Candidate, Timeouts
from tests.haystacks.walked import Walks, candidate, walks
from tests.standin import (
    Answer,
    Behaviour,
    DieMidStream,
    Held,
    Seen,
    Silent,
    StandIn,
    Status,
    refused_url,
)

TOO_LONG = Status(400, "prompt is too long: 213462 tokens > 200000 maximum")


@pytest.fixture
async def walk() -> AsyncIterator[Walks]:
    async with walks() as made:
        yield made


def by_key(**behaviours: Behaviour) -> Callable[[Seen], Behaviour]:
    return lambda seen: behaviours[seen.headers["x-api-key"].replace("-", "_")]


def keys_of(upstream: StandIn) -> list[str]:
    return [seen.headers["x-api-key"] for seen in upstream.requests]


@pytest.mark.parametrize("fault", [Status(429), Status(401), Status(402), Status(403)])
async def test_another_key_answers_and_the_one_that_failed_rests(
    walk: Walks, fault: Status
) -> None:
    async with StandIn(by_key(key_1=fault, key_2=Answer())) as upstream:
        at = candidate(url=upstream.url, keys=("key-1", "key-2"))
        sessions = [f"session {number}" for number in range(8)]
        answers = [await walk(at, session=session) for session in sessions]
    assert keys_of(upstream).count("key-1") == 1
    assert sum(answer.attempts for answer in answers) == 9


async def test_with_every_key_refused_the_next_candidate_answers_and_health_says_why(
    walk: Walks,
) -> None:
    async with StandIn([Status(401)]) as refusing, StandIn([Answer()]) as well:
        first = candidate("first", refusing.url, keys=("key-1", "key-2"))
        second = candidate("second", well.url)
        answers = [await walk(first, second) for _ in range(3)]
    assert [answer.attempts for answer in answers] == [3, 1, 1]
    keys = walk.health.describe([first.haystack])["first"]["keys"]
    assert [key["state"] for key in keys] == ["refused", "refused"]
    assert "its key is refused (status 401)" in str(answers[2].failures[0])


async def test_the_time_that_others_took_is_told_apart(walk: Walks) -> None:
    def slowly(_request: Seen) -> Behaviour:
        walk.clock.now += 7
        return Status(500)

    async with StandIn(slowly) as slow, StandIn([Answer()]) as well:
        first, second = candidate("first", slow.url), candidate("second", well.url)
        assert (await walk(first, second)).waited == 7
        assert (await walk(second)).waited == 0


async def test_what_is_ejected_is_passed_over_without_a_call_and_comes_back(walk: Walks) -> None:
    async with StandIn([*[Status(500)] * 5, Answer()]) as flaky, StandIn([Answer()]) as well:
        first, second = candidate("first", flaky.url), candidate("second", well.url)
        for _ in range(10):
            await walk(first, second)
        assert (len(flaky.requests), len(well.requests)) == (5, 10)
        walk.clock.now += 5
        answer = await walk(first, second)
    assert answer.candidate is first


async def test_the_last_candidate_is_asked_even_if_it_is_ejected(walk: Walks) -> None:
    async with StandIn([*[Status(500)] * 6, Answer()]) as upstream:
        at = candidate(url=upstream.url)
        for _ in range(6):
            with pytest.raises(Overloaded):
                await walk(at)
        assert walk.health.closed(at)
        await walk(at)
        assert walk.health.closed(at) == ""


async def test_all_ejected_or_refusing_is_told_in_well_under_a_second(walk: Walks) -> None:
    down = [candidate(name, refused_url()) for name in ("a", "b", "c", "d")]
    for _ in range(6):
        began = time.perf_counter()
        with pytest.raises(Exhausted) as raised:
            await walk(*down)
        assert time.perf_counter() - began < 1
    error = raised.value
    assert error.final
    assert (error.attempts, len(error.tried)) == (1, 4)
    assert "a,m: ejected for 5 s more: 5 failures in a row, last: no connection" in error.message


async def test_when_all_are_rate_limited_the_soonest_counts_though_nobody_was_asked_again(
    walk: Walks,
) -> None:
    late, soon = (Status(429, headers={"retry-after": wait}) for wait in ("90", "20"))
    async with StandIn([soon]) as one, StandIn([late]) as two:
        both = candidate("first", one.url), candidate("second", two.url)
        for passed, left in ((0, "20"), (5, "15")):
            walk.clock.now += passed
            with pytest.raises(RateLimited) as raised:
                await walk(*both)
            assert raised.value.headers["retry-after"] == left
            assert raised.value.final
    assert (len(one.requests), len(two.requests)) == (1, 2)


@pytest.mark.parametrize(
    ("fault", "leaf"), [(Status(503), Overloaded), (Status(401), OurKeyRefused)]
)
async def test_a_candidate_alone_fails_with_its_own_error(
    walk: Walks, fault: Status, leaf: type[Exception]
) -> None:
    async with StandIn([fault]) as upstream:
        with pytest.raises(leaf):
            await walk(candidate(url=upstream.url))


async def test_too_long_goes_to_a_larger_known_window_and_nowhere_else(walk: Walks) -> None:
    async with StandIn([TOO_LONG]) as short, StandIn([Answer()]) as well:
        first = candidate("first", short.url, window=200_000)
        others = [
            candidate(name, well.url, window=window)
            for name, window in (("same", 200_000), ("unknown", None), ("large", 1_000_000))
        ]
        answer = await walk(first, *others)
        assert (answer.candidate.haystack.name, answer.attempts) == ("large", 2)
        with pytest.raises(TooLong, match="prompt is too long: 213462 tokens"):
            await walk(first, *others[:2])
    assert len(well.requests) == 1


async def test_too_long_for_one_and_no_answer_from_the_larger_is_told_as_too_long(
    walk: Walks,
) -> None:
    async with StandIn([TOO_LONG]) as short, StandIn([Status(500)]) as down:
        first = candidate("first", short.url, window=200_000)
        with pytest.raises(TooLong) as raised:
            await walk(first, candidate("large", down.url, window=1_000_000))
    assert raised.value.body, "word for word, for a client that speaks the same dialect"
    assert raised.value.attempts == 2


async def test_a_refusal_ends_the_walk(walk: Walks) -> None:
    async with StandIn([Status(400, "no such tool")]) as refusing, StandIn([Answer()]) as well:
        with pytest.raises(Refused, match="no such tool"):
            await walk(candidate("first", refusing.url), candidate("second", well.url))
    assert well.requests == []


async def test_streams_that_break_eject_although_each_had_begun(walk: Walks) -> None:
    async with StandIn([DieMidStream()]) as dying, StandIn([Answer()]) as well:
        first, second = candidate("first", dying.url), candidate("second", well.url)
        for _ in range(7):
            await walk(first, second, stream=True)
    assert (len(dying.requests), len(well.requests)) == (5, 2)


async def test_when_the_budget_is_used_up_the_failure_is_told_and_first_attempts_go_on(
    walk: Walks,
) -> None:
    walk.health.budget = RetryBudget(floor_per_second=0.1)
    async with StandIn([Status(429)]) as limited, StandIn([Answer()]) as well:
        second = candidate("second", well.url)
        names = [candidate(f"first-{number}", limited.url) for number in range(3)]
        await walk(names[0], second)
        for first in names[1:]:
            with pytest.raises(Exhausted, match="too many requests need a second attempt now"):
                await walk(first, second)
        await walk(second)
        walk.clock.now += 11
        await walk(candidate("first-4", limited.url), second)


async def test_an_outage_costs_a_few_calls_and_no_answer(walk: Walks) -> None:
    async with StandIn([Status(500)]) as down, StandIn([Answer()]) as well:
        first, second = candidate("first", down.url), candidate("second", well.url)
        for _ in range(300):
            walk.clock.now += 0.05
            await walk(first, second)
    assert len(well.requests) == 300
    assert len(down.requests) <= 5 + 3, "five eject it, and three trials fit into fifteen seconds"


class Door:
    """A gate that lets nobody into the haystacks of these names."""

    def __init__(self, *shut: str) -> None:
        self.shut = shut
        self.entered: list[str] = []
        self.left: list[str] = []

    async def enter(self, candidate: Candidate, tokens: Callable[[], int]) -> LimitReached | None:
        assert tokens() == 1
        if candidate.haystack.name in self.shut:
            seconds = str(len(candidate.haystack.name))
            return LimitReached("at its limit of requests", headers={"retry-after": seconds})
        self.entered.append(candidate.haystack.name)
        return None

    def leave(self, candidate: Candidate) -> None:
        self.left.append(candidate.haystack.name)


async def test_who_is_at_a_limit_of_ours_is_passed_over(walk: Walks) -> None:
    async with StandIn([Answer()]) as well:
        first, second = candidate("first", well.url), candidate("second", well.url)
        answer = await walk(first, second, gate=Door("first"))
        assert (answer.candidate, answer.attempts) == (second, 1)
        with pytest.raises(LimitReached, match=r"^first,m: at its limit") as one:
            await walk(first, gate=Door("first"))
        with pytest.raises(RateLimited, match="at its limit of requests") as both:
            await walk(first, second, gate=Door("first", "second"))
    assert (one.value.headers, both.value.headers) == ({"retry-after": "5"},) * 2


async def test_a_place_is_given_back_for_each_that_was_taken(walk: Walks) -> None:
    async with StandIn([Status(500)]) as down, StandIn([Answer()]) as well:
        door = Door()
        first, second = candidate("first", down.url), candidate("second", well.url)
        await walk(first, second, gate=door)
        with pytest.raises(Overloaded):
            await walk(first, gate=door)
    assert door.entered == door.left == ["first", "second", "first"]


async def test_a_hedge_takes_the_first_answer_and_closes_the_other_call(walk: Walks) -> None:
    door = Door()
    async with StandIn([Silent()]) as silent, StandIn([Answer()]) as well:
        first, second = candidate("first", silent.url), candidate("second", well.url)
        answer = await walk(first, second, stream=True, hedge_seconds=0.02, gate=door)
        assert (answer.candidate, answer.attempts) == (second, 2)
        await silent.until(lambda: silent.open_calls == 0)
    assert sorted(door.left) == sorted(door.entered) == ["first", "second"]
    assert walk.health.closed(first) == "", "being late is no failure"


async def test_a_hedge_that_the_budget_refuses_waits_for_the_first(walk: Walks) -> None:
    walk.health.budget = RetryBudget(share=0.0, floor_per_second=0.0)
    slow = Timeouts(first_byte=0.2)
    async with StandIn([Silent()]) as silent, StandIn([Answer()]) as well:
        first, second = candidate("first", silent.url, timeouts=slow), candidate("b", well.url)
        with pytest.raises(Exhausted):
            await walk(first, second, stream=True, hedge_seconds=0.02)
    assert well.requests == []


async def test_a_hedge_whose_second_fails_waits_for_the_first(walk: Walks) -> None:
    gate = asyncio.Event()
    async with StandIn([Status(500)]) as down, StandIn([Held(gate)]) as late:
        first, second = candidate("first", late.url), candidate("second", down.url)
        asked = asyncio.create_task(walk(first, second, stream=True, hedge_seconds=0.02))
        await down.until(lambda: len(down.requests) == 1 and down.open_calls == 0)
        gate.set()
        answer = await asked
    assert (answer.candidate, answer.attempts) == (first, 2)
