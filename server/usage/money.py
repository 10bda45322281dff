"""Money as people read it: exact, and yet short."""

from __future__ import annotations

from server.budgets import NANO


def usd(nano: int) -> str:
    """Return whole billionths of a dollar as dollars: at least two decimals, at most nine.

    Nothing is rounded, so what is shown adds up to its total.
    """
    whole, rest = divmod(nano, NANO)
    decimals = f"{rest:09d}".rstrip("0")
    return f"{whole}.{decimals:0<2}"
