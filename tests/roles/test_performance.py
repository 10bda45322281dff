"""When measures decide, and when they don't."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roles.decision import Decision
from roles.live import Live
from roles.role import Role
from roles.route import route
from tests.roles.measured import Shown, measures, shown
from tests.roles.world import asked, names, role, view

CHAIN = """
phases: [explicit, pattern, session, cost, performance, scenario]
scenarios:
  default: [[openrouter, sonnet], [deepseek, reasoner], [deepseek, chat]]
  background: [local, "qwen:latest"]
"""
QUICK = role(CHAIN, strategy="latency_first")
KNOWN = {"sonnet": shown(2.0), "reasoner": shown(1.0), "chat": shown(0.5)}


def decided(own: Role, by_model: Shown, *, chance: float = 1.0, model: str = "") -> Decision:
    live = Live(measures=measures(by_model), chance=chance)
    return route(asked("hi", model, token_bound=4_000), view(own), live)


def reason(decision: Decision) -> str:
    return next(step.reason for step in decision.trace if step.phase == "performance")


def test_latency_first_orders_the_scenarios_chain_by_what_was_measured() -> None:
    decision = decided(QUICK, KNOWN)
    assert (decision.phase, decision.scenario) == ("performance", "default")
    assert names(decision.candidates) == ["deepseek,chat", "deepseek,reasoner", "openrouter,sonnet"]
    assert reason(decision).startswith(
        "latency_first: deepseek,chat scores 0.98 (0.50 s, 50 tokens/s, 100% success); "
    )


def test_it_is_asked_only_where_the_role_lists_it() -> None:
    own = role(CHAIN.replace("performance, ", ""), strategy="latency_first")
    assert decided(own, KNOWN).phase == "scenario"


def test_a_model_below_the_least_quality_comes_last_however_cheap_and_quick_it_is() -> None:
    own = role(CHAIN, strategy="latency_first", performance="{min_quality: 0.7}")
    decision = decided(own, KNOWN)
    assert names(decision.candidates) == ["deepseek,reasoner", "openrouter,sonnet", "deepseek,chat"]
    assert "last deepseek,chat: a quality of 0.6, under 0.7" in reason(decision)


def test_confidence_grows_with_the_samples() -> None:
    few, many = ({**KNOWN, "chat": shown(0.5, samples=each)} for each in (20.0, 500.0))
    assert decided(QUICK, few).confidence == 0.5
    assert decided(QUICK, many).confidence > 0.9


@pytest.mark.parametrize("strategy", ["cost_first", "static"])
def test_strategies_without_weights_pass(strategy: str) -> None:
    decision = decided(role(CHAIN.replace("cost, ", ""), strategy=strategy), KNOWN)
    assert (decision.phase, names(decision.candidates)[0]) == ("scenario", "openrouter,sonnet")
    assert reason(decision) == f"the strategy {strategy} asks no measures"


def test_too_few_samples_of_all_but_one_pass_and_say_how_many_are_missing() -> None:
    decision = decided(QUICK, {"sonnet": shown(2.0), "chat": shown(0.1, samples=18.5)})
    assert (decision.phase, names(decision.candidates)[0]) == ("scenario", "openrouter,sonnet")
    assert reason(decision) == "samples are missing: 20 of deepseek,reasoner, 2 of deepseek,chat"


def test_one_model_leaves_nothing_to_choose() -> None:
    decision = decided(QUICK, KNOWN, model="claude-haiku-4-5")
    assert (decision.phase, decision.scenario) == ("scenario", "background")


EXPLORING = role(CHAIN, strategy="latency_first", performance="{explore: 0.1}")


def test_exploring_tries_the_candidate_of_which_least_is_known() -> None:
    by_model = {**KNOWN, "reasoner": shown(1.0, samples=7.0)}
    decision = decided(EXPLORING, by_model, chance=0.09)
    assert names(decision.candidates) == ["deepseek,reasoner", "deepseek,chat", "openrouter,sonnet"]
    assert "explores deepseek,reasoner, of 7 samples" in reason(decision)
    assert decision.confidence == 0.0


def test_exploring_finds_a_model_that_was_never_measured() -> None:
    decision = decided(EXPLORING, {"sonnet": shown(), "reasoner": shown()}, chance=0.0)
    assert names(decision.candidates)[0] == "deepseek,chat"


def test_exploring_leaves_out_who_is_known_to_be_outside_of_the_thresholds() -> None:
    bad = shown(1.0, success=0.5, samples=25.0)
    by_model = {**KNOWN, "reasoner": bad, "sonnet": shown(2.0, samples=50.0)}
    assert names(decided(EXPLORING, by_model, chance=0.0).candidates)[0] == "openrouter,sonnet"


@given(st.floats(0, 1, exclude_max=True))
def test_exploring_is_off_until_the_role_asks_for_it(chance: float) -> None:
    assert "explores" not in reason(decided(QUICK, KNOWN, chance=chance))
    assert ("explores" in reason(decided(EXPLORING, KNOWN, chance=chance))) == (chance < 0.1)
