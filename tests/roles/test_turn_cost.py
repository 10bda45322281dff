"""What a turn would cost, before it is sent."""

import pytest

from haystacks.pool import Candidate, Model, Price
from roles.lane import Lane, Warmth
from roles.live import AT_REST, Live
from roles.session import Session
from roles.turn_cost import turn_costs
from tests.roles.world import asked, haystack

POOL = haystack("pool")
CACHES = Candidate(POOL, Model("caches", price=Price(2.0, 10.0, 0.2, 2.5)))
FORGETS = Candidate(POOL, Model("forgets", price=Price(1.0, 10.0)))
UNPRICED = Candidate(POOL, Model("unpriced"))


def known(requests: float, held: int = 0) -> Live:
    lane = Lane(requests=requests, warm={CACHES.key: Warmth(held, used=1_000.0)})
    return Live(1_100.0, Session("s", lanes={"main": lane}, typical_output=100.0))


def usd(live: Live, *, tools: bool = True) -> list[float | None]:
    facts = asked(conversation="main", token_bound=40_000, tools=tools)
    return turn_costs([CACHES, FORGETS, UNPRICED], facts, live)


def test_the_first_request_fills_the_cache_and_the_others_read_it() -> None:
    caches, forgets, unpriced = usd(known(requests=5.0))
    assert caches == pytest.approx((10_000 * 2.5 + 4 * 10_000 * 0.2 + 500 * 10.0) / 1e6)
    assert forgets == pytest.approx((5 * 10_000 * 1.0 + 500 * 10.0) / 1e6)
    assert unpriced is None


def test_what_is_warm_already_is_read_the_first_time() -> None:
    caches, *_ = usd(known(requests=1.0, held=8_000))
    assert caches == pytest.approx((8_000 * 0.2 + 2_000 * 2.5 + 100 * 10.0) / 1e6)


def test_of_a_conversation_that_nobody_knows_tools_tell_an_agent() -> None:
    agent, chat = usd(AT_REST), usd(AT_REST, tools=False)
    assert agent[0] == pytest.approx((10_000 * 2.5 + 3 * 10_000 * 0.2 + 4 * 800 * 10.0) / 1e6)
    assert chat[0] == pytest.approx((10_000 * 2.5 + 800 * 10.0) / 1e6)


def test_a_lower_price_without_a_cache_is_dearer_over_a_turn() -> None:
    caches, forgets, _ = usd(known(requests=5.0))
    assert caches
    assert forgets
    assert caches < forgets
