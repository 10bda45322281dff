"""Limits: a sliding minute from two fixed ones, and places that no crash takes for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.limited import LimitedHaystacks
from haystacks.limits import PLACE_WINDOW, PLACE_WINDOWS, Entry, Limiter, Refused, wait
from haystacks.local import LocalShared
from haystacks.pool import Candidate, Haystack, Limits, Model


class Clock:
    def __init__(self, now: float = 600_000.0) -> None:  # where a minute begins
        self.now = now

    def __call__(self) -> float:
        return self.now


def limiter(clock: Clock) -> Limiter:
    return Limiter(LocalShared(clock), clock)


def candidate(limits: Limits) -> Candidate:
    haystack = Haystack("lab", "openai-compatible", "openai_chat", "http://x", limits=limits)
    return Candidate(haystack, Model("m"))


def tokens(count: int) -> Callable[[], int]:
    return lambda: count


async def entered(limits: Limiter, bounds: Limits, tokens: int = 0) -> Entry:
    entry = await limits.enter("x", bounds, tokens)
    assert isinstance(entry, Entry), entry
    return entry


async def refused(limits: Limiter, bounds: Limits, tokens: int = 0) -> Refused:
    entry = await limits.enter("x", bounds, tokens)
    assert isinstance(entry, Refused)
    return entry


@given(
    st.integers(1, 50),
    st.lists(st.tuples(st.floats(0, 40), st.integers(1, 5)), min_size=1, max_size=60),
)
async def test_no_minute_holds_more_than_twice_the_limit_and_a_fixed_one_never_more_than_it(
    most: int, arrivals: list[tuple[float, int]]
) -> None:
    clock = Clock()
    limits, bounds = limiter(clock), Limits(tokens_per_minute=most)
    let_in: list[tuple[float, int]] = []
    for pause, size in arrivals:
        clock.now += pause
        if isinstance(await limits.enter("x", bounds, size), Entry):
            let_in.append((clock.now, size))
    for start, _ in let_in:
        fixed = start // 60
        assert sum(size for at, size in let_in if at // 60 == fixed) <= most
        assert sum(size for at, size in let_in if start <= at < start + 60) <= 2 * most


@given(
    st.integers(1, 1000),
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.floats(0, 59.999),
)
def test_who_waits_as_long_as_was_said_and_is_alone_finds_room_and_not_much_earlier(
    limit: int, by: int, current: int, previous: int, elapsed: float
) -> None:
    seconds = wait(limit, by, current, previous, elapsed)
    if by > limit:
        assert seconds == float("inf")
        return
    for after, fits in ((seconds + 1e-6, True), (seconds - 1e-3, False)):
        if after < 0 or (not seconds and not fits):
            continue
        minutes, left = divmod(elapsed + after, 60)
        now = {0: (current, previous), 1: (0, current)}.get(int(minutes), (0, 0))
        assert (wait(limit, by, *now, left) <= 1e-6) == fits


async def test_the_whole_limit_may_come_at_once_and_makes_room_bit_by_bit() -> None:
    clock = Clock()
    limits, bounds = limiter(clock), Limits(requests_per_minute=25)
    for _ in range(25):
        await entered(limits, bounds)
    full = await refused(limits, bounds)
    assert full.what == "25 requests a minute"
    assert full.seconds == pytest.approx(62.4)
    clock.now += 62.5
    await entered(limits, bounds)
    assert (await refused(limits, bounds)).seconds == pytest.approx(2.3)
    clock.now += 60
    for _ in range(24):
        await entered(limits, bounds)


async def test_what_is_refused_counts_nowhere() -> None:
    clock = Clock()
    limits = limiter(clock)
    bounds = Limits(requests_per_minute=2, tokens_per_minute=10, concurrency=2)
    await entered(limits, bounds, 6)
    for _ in range(5):
        assert (await refused(limits, bounds, 6)).what == "10 tokens a minute"
    await entered(limits, bounds, 4)


async def test_a_request_that_alone_is_larger_than_the_limit_is_told_so() -> None:
    clock = Clock()
    full = await refused(limiter(clock), Limits(tokens_per_minute=100), 101)
    assert (full.what, full.never) == ("100 tokens a minute", True)


async def test_tokens_are_set_right_when_it_is_known_what_was_used() -> None:
    clock = Clock()
    limits, bounds = limiter(clock), Limits(tokens_per_minute=100)
    entry = await entered(limits, bounds, 80)
    await refused(limits, bounds, 21)
    entry.leave(tokens=30)
    (await entered(limits, bounds, 10)).leave(tokens=60)
    await entered(limits, bounds, 10)
    assert (await refused(limits, bounds, 1)).what == "100 tokens a minute"


async def test_what_was_taken_back_of_the_last_minute_is_no_debt_of_this_one() -> None:
    clock = Clock()
    limits, bounds = limiter(clock), Limits(tokens_per_minute=100)
    entry = await entered(limits, bounds, 100)
    clock.now += 60
    entry.leave(tokens=0)
    await entered(limits, bounds, 100)
    await refused(limits, bounds, 1)


async def test_dollars_are_counted_at_the_end_and_then_nothing_begins() -> None:
    clock = Clock()
    limits, bounds = limiter(clock), Limits(usd_per_minute=1.0)
    first, second = await entered(limits, bounds), await entered(limits, bounds)
    first.leave(usd=0.75)
    await entered(limits, bounds)
    second.leave(usd=0.25)
    assert (await refused(limits, bounds)).what == "$1.00 a minute"


async def test_a_place_is_given_back_once() -> None:
    clock = Clock()
    limits, bounds = limiter(clock), Limits(concurrency=2)
    entry, _ = await entered(limits, bounds), await entered(limits, bounds)
    assert (await refused(limits, bounds)).what == "2 requests at the same time"
    entry.leave()
    entry.leave()
    await entered(limits, bounds)
    await refused(limits, bounds)


async def test_places_of_a_process_that_died_are_free_again_in_time_while_others_come_and_go() -> (
    None
):
    clock = Clock()
    limits, bounds = limiter(clock), Limits(concurrency=2)
    await entered(limits, bounds)  # and it is never heard of again
    for _ in range(PLACE_WINDOWS * 4):
        (await entered(limits, bounds)).leave()
        clock.now += PLACE_WINDOW / 4
    both = [await entered(limits, bounds), await entered(limits, bounds)]
    assert len(both) == 2


async def test_a_request_that_outlasts_its_count_gives_no_place_back_that_it_does_not_have() -> (
    None
):
    clock = Clock()
    limits, bounds = limiter(clock), Limits(concurrency=1)
    long = await entered(limits, bounds)
    clock.now += PLACE_WINDOWS * PLACE_WINDOW
    await entered(limits, bounds)
    long.leave()
    await refused(limits, bounds)


async def test_a_haystack_without_limits_is_not_counted_and_its_tokens_neither() -> None:
    clock = Clock()
    shared = LocalShared(clock)
    gate = LimitedHaystacks(Limiter(shared, clock), clock)

    def never() -> int:
        raise AssertionError("nobody needs the count")

    assert await gate.enter(candidate(Limits()), never) is None
    gate.leave(candidate(Limits()))
    assert await gate.enter(candidate(Limits(concurrency=9)), never) is None
    assert [total.by for total in shared.totals()] == [1]


async def test_a_full_haystack_is_known_to_be_so_until_it_has_room() -> None:
    clock = Clock()
    gate = LimitedHaystacks(limiter(clock), clock)
    lab = candidate(Limits(requests_per_minute=1))
    assert await gate.enter(lab, tokens(0)) is None
    assert gate.full(lab.haystack) == "", "nobody was refused yet"
    refused = await gate.enter(lab, tokens(0))
    assert refused
    assert refused.message == gate.full(lab.haystack) == "at its limit of 1 request a minute"
    assert int(refused.headers["retry-after"]) > 0
    raised = candidate(Limits(requests_per_minute=2))
    assert gate.full(raised.haystack) == "", "its file has been edited"
    assert await gate.enter(lab, tokens(0))
    had_room = gate.has_room
    clock.now += 120
    assert (had_room, gate.has_room) == (False, True)
    assert gate.full(lab.haystack) == ""
    assert await gate.enter(lab, tokens(0)) is None


async def test_a_place_that_is_given_back_is_offered_at_once() -> None:
    clock = Clock()
    gate = LimitedHaystacks(limiter(clock), clock)
    lab = candidate(Limits(concurrency=1))
    assert await gate.enter(lab, tokens(0)) is None
    assert await gate.enter(lab, tokens(0))
    assert gate.full(lab.haystack)
    gate.leave(lab)
    assert gate.full(lab.haystack) == ""
    assert await gate.enter(lab, tokens(0)) is None


async def test_one_request_that_is_too_large_does_not_close_the_haystack_to_others() -> None:
    clock = Clock()
    gate = LimitedHaystacks(limiter(clock), clock)
    lab = candidate(Limits(tokens_per_minute=100))
    refused = await gate.enter(lab, tokens(101))
    assert refused
    assert not refused.headers, "waiting won't help"
    assert gate.full(lab.haystack) == ""


async def test_places_hold_for_as_long_as_requests_follow_one_another_without_a_pause() -> None:
    clock = Clock()
    gate = LimitedHaystacks(limiter(clock), clock)
    lab = candidate(Limits(concurrency=2))
    assert await gate.enter(lab, tokens(0)) is None
    for _ in range(PLACE_WINDOWS * 4):
        assert await gate.enter(lab, tokens(0)) is None
        assert await gate.enter(lab, tokens(0)), "two are inside"
        gate.leave(lab)
        clock.now += PLACE_WINDOW / 2
