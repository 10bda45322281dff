"""Decayed measures of what a candidate does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.health.performance import HALF_LIFE, Performance


def test_after_a_half_life_an_answer_counts_half() -> None:
    performance = Performance()
    performance.answered(0.0, 100, 2.0, 1.0)
    performance.failed(HALF_LIFE)
    measures = performance.measures(HALF_LIFE)
    assert measures is not None
    assert measures.samples == pytest.approx(1.5)
    assert measures.success == pytest.approx(1 / 3)


def test_tokens_are_counted_in_the_seconds_after_the_first() -> None:
    performance = Performance()
    performance.answered(0.0, 100, 3.0, 1.0)
    measures = performance.measures(0.0)
    assert measures is not None
    assert (measures.first_token, measures.tokens_per_second) == (1.0, 50.0)


def test_where_nothing_is_streamed_the_first_token_takes_as_long_as_all() -> None:
    performance = Performance()
    performance.answered(0.0, 100, 4.0, None)
    measures = performance.measures(0.0)
    assert measures is not None
    assert measures.first_token == 4.0


def test_a_whole_answer_says_nothing_of_the_first_token_where_others_are_streamed() -> None:
    performance = Performance()
    performance.answered(0.0, 100, 2.0, 0.5)
    performance.answered(0.0, 100, 60.0, None)
    measures = performance.measures(0.0)
    assert measures is not None
    assert measures.first_token == 0.5


def test_what_is_long_ago_is_no_measure() -> None:
    performance = Performance()
    assert performance.measures(0.0) is None
    performance.answered(0.0, 100, 2.0, 0.5)
    assert performance.measures(20 * HALF_LIFE) is None


CALLS = st.lists(
    st.tuples(
        st.floats(0, 1e6),  # seconds since the last
        st.one_of(st.none(), st.tuples(st.integers(0, 10**6), st.floats(0, 1e4), st.floats(0, 1))),
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


@given(CALLS)
def test_measures_stay_within_what_was_measured(
    calls: list[tuple[float, tuple[int, float, float] | None, bool]],
) -> None:
    performance, now = Performance(), 0.0
    longest = 0.0
    for seconds, answer, streamed in calls:
        now += seconds
        if answer is None:
            performance.failed(now)
            continue
        tokens, took, share = answer
        longest = max(longest, took)
        performance.answered(now, tokens, took, took * share if streamed else None)
    measures = performance.measures(now)
    assert measures is not None
    assert 0 < measures.samples <= len(calls)
    assert 0 <= measures.success <= 1
    assert 0 <= measures.first_token <= longest * (1 + 1e-9)
    assert 0 <= measures.tokens_per_second <= 1e9 * (1 + 1e-9)
