"""The order of a strategy at a moment: costs and scores."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.health.measures import Measures
from haystacks.pool import Candidate, Price
from roles.live import Live
from roles.performance import Performance
from roles.ranking import Ranking, Undecided, by_cost, by_score, ranked
from roles.role import Part, Role, Strategy
from tests.roles.measured import Shown, measures, models, shown, some
from tests.roles.world import asked

FACTS = asked(token_bound=4_000, max_tokens=1_000)
ROLE = Role("Tester")
SCORED = st.sampled_from(("latency_first", "quality_first", "balanced"))
prices = st.builds(Price, st.floats(0.01, 100), st.floats(0.01, 100))
found = st.builds(
    shown, st.floats(0, 60), st.floats(0, 500), st.floats(0.8, 1), samples=st.floats(20, 1000)
)


def scored(
    candidates: list[Candidate],
    by_model: Shown,
    strategy: Strategy = "balanced",
    role: Role = ROLE,
) -> Ranking:
    said = by_score(candidates, strategy, FACTS, Live(measures=measures(by_model)), role)
    assert isinstance(said, Ranking)
    return said


def test_the_cheapest_comes_first_and_unknown_prices_last() -> None:
    pool = [some("unknown", None), some("dear", Price(3, 15)), some("free", Price(0, 0))]
    said = by_cost([*pool, some("fair")], FACTS, Live())
    assert isinstance(said, Ranking)
    assert models(said.candidates) == ["free", "fair", "dear", "unknown"]
    assert said.reason == "pool,free at about $0.000000, then pool,fair at about $0.005000"


def test_of_equal_costs_the_first_in_the_file_stays_first() -> None:
    said = by_cost([some("b"), some("a")], FACTS, Live())
    assert isinstance(said, Ranking)
    assert models(said.candidates) == ["b", "a"]


def test_where_no_price_is_known_nothing_is_decided() -> None:
    assert isinstance(by_cost([some("a", None), some("b", None)], FACTS, Live()), Undecided)


@given(st.lists(prices, min_size=1, max_size=5), prices, st.floats(0.01, 0.99))
def test_a_cheaper_twin_is_never_behind(others: list[Price], own: Price, share: float) -> None:
    twin = some("twin", Price(own.input * share, own.output * share))
    pool = [some("own", own), *[some(f"o{n}", each) for n, each in enumerate(others)], twin]
    by_model = {each.model.id: shown() for each in pool}
    for said in (by_cost(pool, FACTS, Live()), scored(pool, by_model)):
        assert isinstance(said, Ranking)
        order = models(said.candidates)
        assert order.index("twin") < order.index("own")


BETTER: dict[Part, tuple[Candidate, Measures]] = {
    "cost": (some("best", Price(0.9, 4.5)), shown()),
    "quality": (some("best", quality=0.51), shown()),
    "latency": (some("best"), shown(first_token=0.49)),
    "throughput": (some("best"), shown(tokens_per_second=51.0)),
    "success": (some("best"), shown(success=1.0)),
}


@given(
    st.sampled_from(get_args(Part)),
    SCORED,
    st.lists(st.tuples(prices, st.floats(0, 1), found), min_size=2, max_size=5),
)
def test_a_part_that_outweighs_all_others_decides_alone(
    part: Part, strategy: Strategy, drawn: list[tuple[Price, float, Measures]]
) -> None:
    pool = [some(str(n), price, quality) for n, (price, quality, _) in enumerate(drawn)]
    by_model = {str(n): each for n, (_, _, each) in enumerate(drawn)}
    own = replace(ROLE, strategy=strategy, weights={part: 1e9})
    values = [_worth(part, each, by_model[each.model.id]) for each in pool]
    order = models(scored(pool, by_model, strategy, own).candidates)
    first = values[int(order[0])]
    assert first >= max(values) - 1e-5 * max(1.0, *map(abs, values))


def _worth(part: Part, candidate: Candidate, measured: Measures) -> float:
    price = candidate.model.price
    assert price
    match part:
        case "cost":
            return -(price.input * 1_000 + price.output * 800) / 1e6
        case "quality":
            return candidate.model.quality
        case "latency":
            return -measured.first_token
        case "throughput":
            return measured.tokens_per_second
        case "success":
            return measured.success


@pytest.mark.parametrize("part", get_args(Part))
def test_each_part_counts_by_itself(part: Part) -> None:
    best, measured = BETTER[part]
    other = shown(success=0.99 if part == "success" else 1.0)
    own = replace(ROLE, weights=dict.fromkeys(get_args(Part), 0.0) | {part: 1.0})
    said = scored([some("other"), best], {"other": other, "best": measured}, role=own)
    assert models(said.candidates) == ["best", "other"]


def test_a_role_weighs_its_own_strategy_and_no_other() -> None:
    own = replace(ROLE, strategy="balanced", weights={"latency": 1e9})
    by_model = {"good": shown(2.0), "quick": shown(0.1)}
    pool = [some("good", quality=0.9), some("quick", quality=0.4)]
    assert models(scored(pool, by_model, "balanced", own).candidates) == ["quick", "good"]
    assert models(scored(pool, by_model, "quality_first", own).candidates) == ["good", "quick"]


def test_of_two_as_good_as_equal_the_one_with_fewer_calls_under_way_comes_first() -> None:
    by_model = {"busy": shown(0.50, in_flight=9), "idle": shown(0.51)}
    assert models(scored([some("busy"), some("idle")], by_model).candidates) == ["idle", "busy"]


def test_weights_that_are_all_nothing_leave_the_written_order() -> None:
    own = replace(ROLE, weights=dict.fromkeys(get_args(Part), 0.0))
    by_model = {"a": shown(9.0), "b": shown(0.1)}
    assert models(scored([some("a"), some("b")], by_model, role=own).candidates) == ["a", "b"]


def test_a_candidate_with_too_few_samples_keeps_its_place() -> None:
    pool = [some("slow"), some("new"), some("quick")]
    by_model = {"slow": shown(3.0), "quick": shown(0.2), "new": shown(0.1, samples=3.2)}
    said = scored(pool, by_model, "latency_first")
    assert models(said.candidates) == ["quick", "new", "slow"]
    assert "samples are missing: 17 of pool,new" in said.reason


@pytest.mark.parametrize(
    ("thresholds", "measured", "reason"),
    [
        (Performance(), shown(success=0.79), "79% success, under 80%"),
        (Performance(max_first_token=1), shown(1.5), "first token after 1.50 s, over 1 s"),
        (Performance(min_tokens_per_second=60), shown(), "50 tokens/s, under 60"),
    ],
)
def test_who_is_outside_of_the_thresholds_comes_last(
    thresholds: Performance, measured: Measures, reason: str
) -> None:
    pool = [some("outside", Price(0, 0), 1.0), some("new"), some("within")]
    by_model = {"outside": measured, "within": shown(0.9, 60.0)}
    said = scored(pool, by_model, role=replace(ROLE, performance=thresholds))
    assert models(said.candidates) == ["new", "within", "outside"]
    assert f"last pool,outside: {reason}" in said.reason


def test_where_all_are_outside_of_the_thresholds_the_written_order_stays() -> None:
    by_model = {"a": shown(success=0.1), "b": shown(success=0.2)}
    assert models(scored([some("a"), some("b")], by_model).candidates) == ["a", "b"]


@given(st.sampled_from(get_args(Strategy)), st.lists(st.none() | found, max_size=6))
def test_no_candidate_is_lost_or_made_up(strategy: Strategy, drawn: list[Measures | None]) -> None:
    pool = [some(str(n)) for n in range(len(drawn))]
    by_model = {str(n): each for n, each in enumerate(drawn) if each}
    said = ranked(pool, strategy, FACTS, Live(measures=measures(by_model)), ROLE)
    assert sorted(map(id, said.candidates)) == sorted(map(id, pool))
    assert 0.0 <= said.confidence <= 1.0
    assert said.reason.startswith(f"{strategy}: ")


@pytest.mark.parametrize(
    ("strategy", "first"),
    [("cost_first", "b"), ("quality_first", "c"), ("latency_first", "a"), ("static", "a")],
)
def test_where_nothing_is_measured_a_strategy_goes_by_the_files(
    strategy: Strategy, first: str
) -> None:
    pool = [some("a"), some("b", Price(0.1, 0.1)), some("c", quality=0.9)]
    assert ranked(pool, strategy, FACTS, Live(), ROLE).candidates[0].model.id == first
