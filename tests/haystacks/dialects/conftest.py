"""What more than one dialect's tests need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from haystacks.dialect import Json

WRONG: tuple[Any, ...] = (None, 5, "x", True, [], [5], {}, {"type": "x"})


def _spoiled(value: Any) -> Iterator[Any]:
    """Yield copies of a value in which one place, however deep, holds something else."""
    yield from WRONG
    if not isinstance(value, dict | list):
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        for wrong in _spoiled(inner):
            copy: Any = value.copy()
            copy[key] = wrong
            yield copy


@pytest.fixture
def spoiled() -> Callable[[Json], Iterator[Json]]:
    """Return what yields every body that is wrong in a single place."""

    def bodies(body: Json) -> Iterator[Json]:
        for spoiled_body in _spoiled(body):
            if isinstance(spoiled_body, dict):
                yield spoiled_body

    return bodies
