"""What a request would cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.pool import Candidate, Model, Price
from roles.estimate import COUNTED_FROM, estimates, reserve_estimate
from roles.facts import Facts
from roles.lane import Lane, Warmth
from roles.live import AT_REST, Live
from roles.session import Session
from tests.roles.world import asked, haystack

POOL = haystack("pool")


def candidate(price: Price | None, max_output: int | None = None) -> Candidate:
    return Candidate(POOL, Model("model", max_output=max_output, price=price))


PLAIN = candidate(Price(2.0, 10.0))


def usd(facts: Facts, of: Candidate = PLAIN, live: Live = AT_REST) -> float | None:
    return estimates([of], facts, live)[0]


def remembering(tokens: int = 0, typical_output: float = 0.0) -> Live:
    lane = Lane(warm={("pool", "model"): Warmth(tokens, used=1_000.0)})
    return Live(1_100.0, Session("s", lanes={"main": lane}, typical_output=typical_output))


def test_a_short_request_is_not_counted_and_a_long_one_is() -> None:
    def count() -> int:
        pytest.fail("counted")

    assert usd(asked(tokens=count, token_bound=4_000)) == pytest.approx((2_000 + 8_000) / 1e6)
    long = asked(tokens=lambda: 1_500, token_bound=COUNTED_FROM + 1)
    assert usd(long) == pytest.approx((3_000 + 8_000) / 1e6)


@pytest.mark.parametrize(
    ("asked_for", "of_model", "typical", "tokens"),
    [
        (None, None, 0.0, 800),
        (100, None, 0.0, 100),
        (128_000, None, 0.0, 800),
        (None, 300, 0.0, 300),
        (None, None, 2_000.0, 2_000),
        (500, 300, 2_000.0, 300),
    ],
)
def test_an_answer_is_as_long_as_the_sessions_were_and_never_longer_than_is_allowed(
    asked_for: int | None, of_model: int | None, typical: float, tokens: int
) -> None:
    facts = asked(conversation="main", max_tokens=asked_for)
    found = usd(facts, candidate(Price(0.0, 1.0), of_model), remembering(typical_output=typical))
    assert found == pytest.approx(tokens / 1e6)


def test_what_a_cache_still_holds_costs_its_own_price() -> None:
    facts = asked(conversation="main", token_bound=8_000, max_tokens=0)
    cached = candidate(Price(2.0, 10.0, cache_read=0.2))
    assert usd(facts, cached, remembering(1_500)) == pytest.approx((500 * 2.0 + 1_500 * 0.2) / 1e6)
    assert usd(facts, cached, remembering(9_999)) == pytest.approx(2_000 * 0.2 / 1e6)
    assert usd(facts, PLAIN, remembering(1_500)) == pytest.approx(2_000 * 2.0 / 1e6)
    another = asked(conversation="title", token_bound=8_000, max_tokens=0)
    assert usd(another, cached, remembering(1_500)) == pytest.approx(2_000 * 2.0 / 1e6)


def test_an_unknown_price_is_no_estimate_and_reserves_nothing() -> None:
    assert usd(asked(token_bound=8_000), candidate(None)) is None
    assert reserve_estimate(asked(token_bound=8_000), candidate(None), AT_REST) == 0.0


@given(st.integers(0, COUNTED_FROM), st.integers(0, COUNTED_FROM), st.integers(0, 10_000))
def test_a_longer_request_never_costs_less_and_a_warmer_cache_never_more(
    shorter: int, more: int, held: int
) -> None:
    cached = candidate(Price(2.0, 10.0, cache_read=0.2))

    def at(bound: int, tokens: int) -> float:
        facts = asked(conversation="main", token_bound=min(bound, COUNTED_FROM))
        return reserve_estimate(facts, cached, remembering(tokens))

    assert at(shorter, held) <= at(shorter + more, held) + 1e-12
    assert at(shorter, held) <= at(shorter, held // 2) + 1e-12
