"""The order of the phases, the trace and the last resort."""

import pytest

from haystacks.errors import NoCandidate
from roles.route import route
from tests.roles.world import asked, concept, names, role, view

THINK = concept("think", "deepseek,reasoner", "openrouter,sonnet", priority=80)
DEFAULT = "scenarios: {default: [deepseek, chat]}"


def test_the_first_phase_that_answers_wins_and_the_others_are_not_asked() -> None:
    decision = route(asked("think", "openrouter,sonnet"), view(role(DEFAULT), [THINK]))
    assert decision.phase == "explicit"
    assert [step.phase for step in decision.trace] == ["explicit"]


def test_each_phase_that_was_asked_leaves_a_line() -> None:
    decision = route(asked("hello"), view(role(DEFAULT), [THINK]))
    assert [(step.phase, step.answered) for step in decision.trace] == [
        ("explicit", False),
        ("pattern", False),
        ("session", False),
        ("cost", False),
        ("scenario", True),
    ]
    assert all(step.reason for step in decision.trace)


def test_a_role_may_ask_its_phases_in_another_order() -> None:
    own = role(DEFAULT, phases="[scenario, pattern]")
    assert route(asked("think", "openrouter,sonnet"), view(own, [THINK])).phase == "scenario"


def test_after_a_concepts_chain_the_scenario_is_the_last_resort() -> None:
    decision = route(asked("think"), view(role(DEFAULT), [THINK]))
    assert names(decision.candidates) == [
        "deepseek,reasoner",
        "openrouter,sonnet",
        "deepseek,chat",
    ]


def test_no_candidate_comes_twice() -> None:
    chat = concept("chat", "deepseek,chat", "deepseek,chat")
    decision = route(asked("chat"), view(role(DEFAULT), [chat]))
    assert names(decision.candidates) == ["deepseek,chat"]


def test_who_names_a_model_gets_that_one_or_none() -> None:
    decision = route(asked("think", "openrouter,sonnet"), view(role(DEFAULT), [THINK]))
    assert names(decision.candidates) == ["openrouter,sonnet"]


def test_what_matched_is_told_even_where_another_phase_decides() -> None:
    bare = concept("weather")
    decision = route(asked("the weather"), view(role(DEFAULT), [bare]))
    assert decision.phase == "scenario"
    assert [(each.concept, each.start, each.end) for each in decision.matched] == [
        ("weather", 4, 11)
    ]


def test_a_request_that_no_model_can_take_is_told_every_reason() -> None:
    own = role("scenarios: {default: [[deepseek, chat], [asleep, chat]]}")
    with pytest.raises(NoCandidate) as failure:
        route(asked("hi", images=True), view(own))
    assert "deepseek,chat: no images" in failure.value.message
    assert "ASLEEP_API_KEY" in failure.value.message


def test_a_decision_names_its_snapshot() -> None:
    assert route(asked("hi"), view()).generation == 7
