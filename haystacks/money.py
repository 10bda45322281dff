"""Money: counted in whole billionths of a dollar, so that sums are exact, and told to people."""

from __future__ import annotations

from typing import Final

NANO: Final = 1_000_000_000


def nano(dollars: float) -> int:
    """Return dollars as whole billionths."""
    return round(dollars * NANO)


def rounded(amount: int) -> str:
    """Return billionths as dollars and cents, or as small as they are."""
    usd = amount / NANO
    return f"${usd:,.2f}" if not amount or usd >= 0.01 else f"${usd:.2g}"


def exact(amount: int) -> str:
    """Return billionths as a number of dollars: at least two decimals, at most nine.

    Nothing is rounded, so what is shown adds up to its total.
    """
    whole, rest = divmod(amount, NANO)
    decimals = f"{rest:09d}".rstrip("0")
    return f"{whole}.{decimals:0<2}"
