"""The budget of a role file, and how it turns into one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from roles.budget import Budget, WhenSpent
from roles.pair import Strict

Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class BudgetForm(Strict):
    """What may be spent, by days and calendar months of UTC."""

    daily_usd: Dollars | None = Field(default=None, description="US dollars a day")
    monthly_usd: Dollars | None = Field(default=None, description="US dollars a calendar month")
    when_spent: WhenSpent = Field(
        default="refuse", description="free: what costs nothing still answers"
    )

    def budget(self) -> Budget:
        """Return the budget."""
        return Budget(self.daily_usd, self.monthly_usd, self.when_spent)
