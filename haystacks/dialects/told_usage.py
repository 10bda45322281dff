"""The usage of a stream, which canonical events tell in two parts."""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Json


def update_usage(usage: Json, told: Any) -> None:
    """Add the counts that a later event names: they are totals, and a null says nothing."""
    if isinstance(told, dict):
        usage.update({name: count for name, count in told.items() if count is not None})
