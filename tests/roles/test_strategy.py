"""Which model comes first."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.pool import Candidate, Model, Price
from roles.role import Strategy
from roles.strategy import order
from tests.roles.world import haystack

POOL = haystack("pool")
MODELS = {
    "dear": Model("dear", price=Price(15.0, 75.0), quality=0.95),
    "fair": Model("fair", price=Price(1.0, 5.0), quality=0.85),
    "cheap": Model("cheap", price=Price(0.1, 0.4), quality=0.5),
    "unknown": Model("unknown", quality=0.7),
}


def ordered(strategy: Strategy, *names: str) -> list[str]:
    candidates = [Candidate(POOL, MODELS[name]) for name in names or MODELS]
    return [each.model.id for each in order(candidates, strategy)]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("cost_first", ["cheap", "fair", "dear", "unknown"]),
        ("quality_first", ["dear", "fair", "unknown", "cheap"]),
        ("balanced", ["fair", "cheap", "unknown", "dear"]),
        ("latency_first", ["dear", "fair", "cheap", "unknown"]),
        ("static", ["dear", "fair", "cheap", "unknown"]),
    ],
)
def test_each_strategy_has_its_order(strategy: Strategy, expected: list[str]) -> None:
    assert ordered(strategy) == expected


def test_output_counts_at_its_own_price() -> None:
    talker = Candidate(POOL, Model("talker", price=Price(1.0, 100.0)))
    reader = Candidate(POOL, Model("reader", price=Price(2.0, 2.0)))
    assert order([talker, reader], "cost_first")[0] is reader


@given(
    st.lists(
        st.builds(
            Model,
            st.text(min_size=1),
            price=st.none() | st.builds(Price, st.floats(0, 100), st.floats(0, 100)),
            quality=st.floats(0, 1),
        )
    ),
    st.sampled_from(get_args(Strategy)),
)
def test_no_model_is_lost_or_made_up(models: list[Model], strategy: Strategy) -> None:
    candidates = [Candidate(POOL, model) for model in models]
    assert sorted(map(id, order(candidates, strategy))) == sorted(map(id, candidates))
