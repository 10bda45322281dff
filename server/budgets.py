"""What may be spent, by role and by client key: held when a request begins, settled at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from haystacks.errors import BudgetExceeded
from haystacks.money import nano, rounded
from haystacks.shared import Amount, Shared, negated
from roles.budget import UNLIMITED, Allowance, Budget
from roles.role import Role
from server.keys import ClientKey

DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Purse:
    """One bound on one period: what reads its counter, how much it holds, and how to say so."""

    counter: Amount
    limit: int
    budget: Budget
    words: str
    renewed: str

    def spent(self) -> str:
        """Return that nothing is left."""
        return f"the {self.words} is spent; it is renewed {self.renewed}"

    def short(self, left: int, asked: int) -> str:
        """Return that what is left is too little."""
        return (
            f"the {self.words} has {rounded(max(0, left))} left, and this request may cost "
            f"{rounded(asked)}; it is renewed {self.renewed}"
        )


class Hold:
    """Money that a request may spend, until ``settle``; one that is never settled stays spent.

    ``under_way`` counts the requests of this process that hold some of a counter.
    """

    __slots__ = ("_amounts", "_held", "_shared", "_under_way", "_used")

    def __init__(
        self, shared: Shared, amounts: Sequence[Amount], held: int, under_way: dict[str, int]
    ) -> None:
        self._shared = shared
        self._amounts = amounts
        self._held = held
        self._under_way = under_way
        self._used = not amounts
        for key, _, _ in amounts if held else ():
            under_way[key] = under_way.get(key, 0) + 1

    def settle(self, actual_usd: float | None) -> None:
        """Count what the request has cost in the end, once, in the day in which it began.

        ``None``: nobody can tell, so what was set aside stays spent.
        """
        if self._used:
            return
        self._used = True
        for key, _, _ in self._amounts if self._held else ():
            self._under_way[key] -= 1
            if not self._under_way[key]:
                del self._under_way[key]
        if actual_usd is None:
            return
        if more := nano(actual_usd) - self._held:
            self._shared.note([Amount(key, more, seconds) for key, _, seconds in self._amounts])


class Budgets:
    """The money of all roles and keys that have a budget; for the others nothing is counted."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._under_way: dict[str, int] = {}

    async def allowance(self, role: Role, key: ClientKey | None, now: float) -> Allowance:
        """Return what the budgets of a request still allow; what is held counts as spent."""
        purses = purses_of(role, key, now)
        if not purses:
            return UNLIMITED
        totals = await self._shared.add([purse.counter for purse in purses])
        each = list(zip(purses, totals, strict=True))
        left = min([_left(purse, total) for purse, total in each])
        empty = [purse for purse, total in each if total >= purse.limit]
        if not empty:
            return Allowance(left)
        strict = [purse for purse in empty if purse.budget.when_spent == "refuse"]
        first = (strict or empty)[0]
        held = first.counter.key in self._under_way
        return Allowance(left, first.spent(), free_only=not strict, held=held)

    async def hold(
        self, role: Role, key: ClientKey | None, now: float, estimate_usd: float
    ) -> Hold:
        """Set money aside for a request. Raises ``BudgetExceeded`` where there is too little.

        Of many at once only so many are let in as the money is enough for. A
        request that costs nothing is always let in.
        """
        purses = purses_of(role, key, now)
        held = nano(estimate_usd)
        amounts = [Amount(each.counter.key, held, each.counter.seconds) for each in purses]
        if not held or not purses:
            return Hold(self._shared, amounts, held, self._under_way)
        totals = await self._shared.add(amounts)
        for purse, total in zip(purses, totals, strict=True):
            if total > purse.limit:
                self._shared.note(negated(amounts))
                left = purse.limit - total + held
                error = BudgetExceeded(purse.short(left, held) if left > 0 else purse.spent())
                error.held = purse.counter.key in self._under_way
                raise error
        return Hold(self._shared, amounts, held, self._under_way)


def purses_of(role: Role, key: ClientKey | None, now: float) -> list[Purse]:
    """Return every bound on a request at a time."""
    purses: list[Purse] = []
    if role.budget is not None:
        purses += _purses("role", role.handle, role.budget, int(now // DAY_SECONDS))
    if key is not None and key.budget is not None:
        purses += _purses("key", key.name, key.budget, int(now // DAY_SECONDS))
    return purses


@lru_cache(maxsize=1024)
def _purses(what: str, name: str, budget: Budget, day: int) -> tuple[Purse, ...]:
    """Return the bounds of one budget on a day, counted from 1970."""
    return tuple(_each_purse(what, name, budget, datetime.fromtimestamp(day * DAY_SECONDS, UTC)))


def counters(what: str, name: str, day: date) -> tuple[Amount, Amount]:
    """Return what reads how much a role or key has spent: on a day, and in its month."""
    spent = f"spent:{what}:{name}"
    return (
        Amount(f"{spent}:{day:%Y-%m-%d}", 0, 2 * DAY_SECONDS),
        Amount(f"{spent}:{day:%Y-%m}", 0, 32 * DAY_SECONDS),
    )


def _each_purse(what: str, name: str, budget: Budget, day: date) -> Iterator[Purse]:
    on_day, in_month = counters(what, name, day)
    if budget.daily_usd is not None:
        limit = nano(budget.daily_usd)
        yield Purse(
            counter=on_day,
            limit=limit,
            budget=budget,
            words=f"daily budget of {what} {name}, {rounded(limit)},",
            renewed="at 00:00 UTC",
        )
    if budget.monthly_usd is not None:
        limit = nano(budget.monthly_usd)
        renewed = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield Purse(
            counter=in_month,
            limit=limit,
            budget=budget,
            words=f"monthly budget of {what} {name}, {rounded(limit)},",
            renewed=f"on {renewed:%Y-%m-%d} at 00:00 UTC",
        )


def _left(purse: Purse, total: int) -> float:
    return max(0, min(purse.limit, purse.limit - total)) / purse.limit if purse.limit else 0.0
