"""What the text means."""

import pytest

from haystacks.errors import NoCandidate
from kg.concept import Concept
from roles.decision import Decision
from roles.role import Role
from roles.route import route
from tests.roles.world import asked, concept, haystack, names, role, view

ONLY_PATTERN = role(phases="[pattern]")


def meant(text: str, *concepts: Concept, of: Role = ONLY_PATTERN) -> Decision:
    return route(asked(text), view(of, concepts))


def test_the_surest_concept_decides() -> None:
    think = concept("think", "deepseek,reasoner", priority=80)
    cheap = concept("cheap", "deepseek,chat", priority=60)
    decision = meant("a cheap way to think", think, cheap)
    assert (decision.phase, decision.concept, decision.confidence) == ("pattern", "think", 0.8)
    assert [each.concept for each in decision.matched] == ["think", "cheap"]


def test_where_no_route_of_it_is_open_the_next_concept_decides() -> None:
    think = concept("think", "asleep,chat", priority=80)
    cheap = concept("cheap", "deepseek,chat", priority=60)
    decision = meant("a cheap way to think", think, cheap)
    assert decision.concept == "cheap"
    (skipped,) = decision.trace[0].skipped
    assert (skipped.candidate, skipped.reason) == (
        "asleep,chat",
        "inactive: no key: set ASLEEP_API_KEY",
    )


def test_an_inherited_route_names_its_way_and_is_less_sure() -> None:
    tokio = concept("tokio", broader="rust", priority=50)
    decision = meant("why tokio", tokio, concept("rust", "deepseek,chat"))
    assert names(decision.candidates) == ["deepseek,chat"]
    assert decision.confidence == pytest.approx(0.45)
    assert "tokio > rust" in decision.trace[0].reason


def test_a_route_to_any_model_takes_the_best_by_the_roles_strategy() -> None:
    best = concept("best", "deepseek,*")
    for strategy, model in (
        ("quality_first", "deepseek,reasoner"),
        ("cost_first", "deepseek,chat"),
    ):
        own = role(phases="[pattern]", strategy=strategy)
        assert names(meant("best", best, of=own).candidates) == [model]


def test_a_provider_stands_for_every_haystack_of_its_service_in_the_roles_order() -> None:
    regions = {n: haystack(n, "sonnet", service="openrouter") for n in ("eu", "us")}
    code = concept("code", "openrouter,sonnet")
    own = role(phases="[pattern]", haystacks="[us, eu]")
    decision = route(asked("code"), view(own, [code], regions))
    assert names(decision.candidates) == ["us,sonnet", "eu,sonnet"]


def test_a_haystacks_own_name_comes_before_a_service() -> None:
    pools = {"eu": haystack("eu", service="vllm"), "vllm": haystack("vllm", service="other")}
    decision = route(asked("code"), view(ONLY_PATTERN, [concept("code", "vllm,x")], pools))
    assert names(decision.candidates) == ["vllm,x"]


@pytest.mark.parametrize(("priority", "decides"), [(71, "think"), (70, "calm")])
def test_a_match_beats_the_default_concept_only_when_it_is_surer_than_70_percent(
    priority: int, decides: str
) -> None:
    think = concept("think", "deepseek,reasoner", priority=priority)
    calm = concept("calm", "deepseek,chat", priority=10)
    own = role(phases="[pattern]", default_concept="calm")
    assert meant("think", think, calm, of=own).concept == decides


def test_the_default_concept_decides_where_nothing_matched() -> None:
    own = role(phases="[pattern]", default_concept="calm")
    assert meant("anything", concept("calm", "deepseek,chat"), of=own).concept == "calm"


TRIGGERED = concept("think", "deepseek,reasoner", trigger="when a task needs careful reasoning")


def test_triggers_are_asked_only_where_the_role_says_so() -> None:
    text = "this task needs careful reasoning"
    with pytest.raises(NoCandidate):
        meant(text, TRIGGERED)
    decision = meant(text, TRIGGERED, of=role(phases="[pattern]", triggers="{threshold: 0.3}"))
    assert decision.concept == "think"
    assert 0.3 <= decision.confidence <= 1


def test_a_match_silences_the_triggers() -> None:
    own = role(phases="[pattern]", triggers="{}")
    chat = concept("chat", "deepseek,chat")
    assert meant("a chat that needs careful reasoning", TRIGGERED, chat, of=own).concept == "chat"


def test_a_route_to_any_model_passes_over_those_that_cannot_take_the_request() -> None:
    best = concept("best", "openrouter,*")
    own = role(phases="[pattern]", strategy="quality_first")
    decision = route(asked("best", web_search=True), view(own, [best]))
    assert names(decision.candidates) == ["openrouter,sonar"]
    assert [each.reason for each in decision.trace[0].skipped] == ["no web search"]
