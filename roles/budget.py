"""What may be spent, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from haystacks.errors import BudgetExceeded
from kg.value import value

WhenSpent = Literal["refuse", "free"]

# Below this share of what may be spent, cheaper candidates come first.
PRESSURE = 0.2


@dataclass(frozen=True, slots=True)
class Budget:
    """US dollars a day and a calendar month, both by UTC; ``None`` is no bound.

    ``when_spent`` says what happens at zero: requests are refused, or only
    candidates that cost nothing answer.
    """

    daily_usd: float | None = None
    monthly_usd: float | None = None
    when_spent: WhenSpent = "refuse"


@value
class Allowance:
    """What the budgets of a request still allow.

    ``left`` is the share, from 0 to 1, of the budget that has least of it left.
    ``spent`` tells which one is used up, and when it is renewed; empty where
    none is. ``free_only``: at zero, candidates that cost nothing may answer. ``held``: some of
    what is used up is only set aside.
    """

    left: float = 1.0
    spent: str = ""
    free_only: bool = False
    held: bool = False

    @property
    def pressed(self) -> bool:
        """Whether money is short."""
        return self.left < PRESSURE

    def exceeded(self) -> BudgetExceeded:
        """Return the error that says which budget is used up."""
        error = BudgetExceeded(self.spent)
        error.held = self.held
        return error


UNLIMITED = Allowance()
