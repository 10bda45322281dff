"""Budgets: exact to the cent, never overspent by a burst, renewed in time, and clear when spent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.errors import BudgetExceeded
from haystacks.local import LocalShared
from roles.budget import UNLIMITED, Allowance, Budget
from roles.role import Role
from server.budgets import Budgets, Hold
from server.fleet.fallback import Fallback
from server.fleet.redis_shared import RedisShared
from server.keys import ClientKey
from tests.redis_server import RedisServer, needs_redis, redis_server

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0

ROLE = Role(name="Cheap", shortname="cheap", budget=Budget(daily_usd=5.0))
FREE_OF_BOUNDS = replace(ROLE, budget=None)
KEY = ClientKey("laptop", "0" * 64, budget=Budget(monthly_usd=10.0))


class Never(LocalShared):
    """Shared state that nobody may ask."""

    async def add(self, amounts: object) -> list[int]:
        raise AssertionError("nobody needs to know")

    def note(self, amounts: object) -> None:
        raise AssertionError("nobody needs to know")


def left(share: float) -> Allowance:
    return Allowance(round(share, 9))


async def spend(budgets: Budgets, usd: float, now: float = NOON, role: Role = ROLE) -> None:
    (await budgets.hold(role, None, now, usd)).settle(usd)


async def refusal(budgets: Budgets, role: Role, key: ClientKey | None, usd: float) -> str:
    with pytest.raises(BudgetExceeded) as caught:
        await budgets.hold(role, key, NOON, usd)
    return caught.value.message


async def test_where_there_is_no_budget_nothing_is_counted() -> None:
    budgets = Budgets(Never())
    assert await budgets.allowance(FREE_OF_BOUNDS, None, NOON) is UNLIMITED
    (await budgets.hold(FREE_OF_BOUNDS, replace(KEY, budget=None), NOON, 1.0)).settle(2.0)
    (await budgets.hold(replace(ROLE, budget=Budget()), None, NOON, 1.0)).settle(2.0)


async def test_what_is_left_is_the_least_of_all_bounds_and_what_is_held_counts() -> None:
    budgets = Budgets(LocalShared())
    hold = await budgets.hold(ROLE, KEY, NOON, 4.5)
    assert await budgets.allowance(ROLE, KEY, NOON) == left(0.1)
    assert (await budgets.allowance(ROLE, KEY, NOON)).pressed
    hold.settle(1.0)
    assert await budgets.allowance(ROLE, KEY, NOON) == left(0.8)
    assert await budgets.allowance(FREE_OF_BOUNDS, KEY, NOON) == left(0.9)


async def test_a_spent_budget_says_whose_how_much_and_until_when() -> None:
    budgets = Budgets(LocalShared())
    (await budgets.hold(ROLE, KEY, NOON, 1.0)).settle(12.0)
    daily = "the daily budget of role cheap, $5.00, is spent; it is renewed at 00:00 UTC"
    monthly = (
        "the monthly budget of key laptop, $10.00, is spent; it is renewed on 2026-12-01 at "
        "00:00 UTC"
    )
    assert await budgets.allowance(ROLE, KEY, NOON) == Allowance(0.0, daily)
    assert await budgets.allowance(ROLE, KEY, NOON + DAY) == Allowance(0.0, monthly)
    assert await refusal(budgets, ROLE, None, 0.01) == daily
    assert await refusal(budgets, FREE_OF_BOUNDS, KEY, 0.01) == monthly


async def test_what_costs_more_than_is_left_is_refused_and_what_costs_less_is_not() -> None:
    budgets = Budgets(LocalShared())
    await spend(budgets, 4.98)
    assert await refusal(budgets, ROLE, None, 0.05) == (
        "the daily budget of role cheap, $5.00, has $0.02 left, and this request may cost $0.05; "
        "it is renewed at 00:00 UTC"
    )
    await spend(budgets, 0.02)
    assert (await refusal(budgets, ROLE, None, 0.001)).endswith(
        "is spent; it is renewed at 00:00 UTC"
    )


async def test_what_costs_nothing_is_let_in_whatever_is_spent() -> None:
    budgets = Budgets(LocalShared())
    await spend(budgets, 5.0)
    (await budgets.hold(ROLE, None, NOON, 0.0)).settle(0.0)


async def test_free_candidates_may_answer_only_if_every_spent_budget_says_so() -> None:
    budgets = Budgets(LocalShared())
    role = replace(ROLE, budget=Budget(daily_usd=1.0, when_spent="free"))
    await spend(budgets, 1.0, role=role)
    allowance = await budgets.allowance(role, KEY, NOON)
    assert (allowance.free_only, allowance.spent[:31]) == (True, "the daily budget of role cheap,")
    (await budgets.hold(FREE_OF_BOUNDS, KEY, NOON, 10.0)).settle(10.0)
    allowance = await budgets.allowance(role, KEY, NOON)
    assert (allowance.free_only, allowance.spent[:32]) == (
        False,
        "the monthly budget of key laptop",
    )


async def test_a_budget_of_nothing_is_spent_from_the_beginning() -> None:
    role = replace(ROLE, budget=Budget(daily_usd=0.0))
    allowance = await Budgets(LocalShared()).allowance(role, None, NOON)
    assert allowance.spent.startswith("the daily budget of role cheap, $0.00, is spent")


async def test_days_and_months_end_by_utc_and_a_request_belongs_to_where_it_began() -> None:
    budgets = Budgets(LocalShared())
    role = replace(ROLE, budget=Budget(daily_usd=1.0, monthly_usd=3.0))
    last_second = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC).timestamp()
    hold = await budgets.hold(role, None, last_second, 0.5)
    assert await budgets.allowance(role, None, last_second + 1) == Allowance(1.0)
    hold.settle(1.0)
    assert await budgets.allowance(role, None, last_second + 1) == Allowance(1.0)
    assert "daily" in (await budgets.allowance(role, None, last_second)).spent
    for day in (1, 2, 3):
        await spend(budgets, 1.0, last_second + day * DAY, role)
    spent = (await budgets.allowance(role, None, last_second + 4 * DAY)).spent
    assert spent.endswith("it is renewed on 2027-01-01 at 00:00 UTC")


async def test_a_request_is_settled_once() -> None:
    budgets = Budgets(LocalShared())
    hold = await budgets.hold(ROLE, None, NOON, 2.0)
    hold.settle(1.0)
    hold.settle(0.0)
    assert await budgets.allowance(ROLE, None, NOON) == left(0.8)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=40))
async def test_a_burst_overspends_by_no_more_than_its_estimates_were_wrong(
    requests: list[tuple[int, int]],
) -> None:
    budgets = Budgets(LocalShared())
    holds: list[tuple[Hold, int, int]] = []
    for estimate, actual in requests:  # all begin before the first one ends
        try:
            holds.append((await budgets.hold(ROLE, None, NOON, estimate / 100), estimate, actual))
        except BudgetExceeded:
            continue
    assert sum(estimate for _, estimate, _ in holds) <= 500
    for hold, _, actual in holds:
        hold.settle(actual / 100)
    spent = sum(actual for _, _, actual in holds)
    wrong = sum(max(0, actual - estimate) for _, estimate, actual in holds)
    assert spent <= 500 + wrong
    allowance = await budgets.allowance(ROLE, None, NOON)
    assert bool(allowance.spent) == (spent >= 500)
    assert allowance.left == pytest.approx(max(0.0, 1 - spent / 500))


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
async def two(redis: RedisServer) -> AsyncIterator[tuple[Fallback, Fallback]]:
    redis.empty()
    pair = (Fallback(RedisShared(redis.url, 10.0)), Fallback(RedisShared(redis.url, 10.0)))
    for each in pair:
        await each.start()
    yield pair
    for each in pair:
        await each.close()


async def settled(budgets: Budgets, share: float) -> None:
    """Wait until what was noted in another process is known to all."""
    async with asyncio.timeout(10):
        while await budgets.allowance(ROLE, None, NOON) != left(share):
            await asyncio.sleep(0.001)


@needs_redis
async def test_two_processes_keep_one_budget_to_the_cent(two: tuple[Fallback, Fallback]) -> None:
    each = [Budgets(shared) for shared in two]
    let_in = 0

    async def ask(budgets: Budgets) -> None:
        nonlocal let_in
        try:
            hold = await budgets.hold(ROLE, None, NOON, 0.03)
        except BudgetExceeded:
            return
        let_in += 1
        hold.settle(0.03)

    await asyncio.gather(*(ask(each[number % 2]) for number in range(400)))
    # A refused one held its three cents for a moment, in which another could be refused too.
    for budgets in each:
        await settled(budgets, 1 - let_in * 0.03 / 5)
        before = -1
        while before < let_in:
            before = let_in
            await ask(budgets)
    assert let_in == 166
    for budgets in each:
        await settled(budgets, 0.02 / 5)
