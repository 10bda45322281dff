"""Names that a client sends."""

import pytest

from haystacks.errors import NoCandidate, NotFound
from haystacks.pool import Haystack
from roles.decision import Decision
from roles.role import Role
from roles.route import route
from tests.roles.world import HAYSTACKS, asked, concept, haystack, names, role, view


def named(model: str, of: Role | None = None, **more: bool) -> Decision:
    return route(asked("hello", model, **more), view(of, [concept("think", "deepseek,reasoner")]))


@pytest.mark.parametrize(
    ("model", "candidate"),
    [
        ("openrouter,sonnet", "openrouter,sonnet"),
        ("OpenRouter, sonnet", "openrouter,sonnet"),
        ("openrouter:sonnet", "openrouter,sonnet"),
        ("local,qwen:latest", "local,qwen:latest"),
        ("local:qwen:latest", "local,qwen:latest"),
        ("ollama,qwen:latest", "local,qwen:latest"),
        ("openrouter,x/y:free", "openrouter,x/y:free"),
        ("openrouter,a,b", "openrouter,a,b"),
        ("openrouter,released-today", "openrouter,released-today"),
    ],
)
def test_a_haystack_and_a_model_are_taken_at_their_word(model: str, candidate: str) -> None:
    decision = named(model)
    assert (decision.phase, names(decision.candidates)) == ("explicit", [candidate])


@pytest.mark.parametrize(
    "model",
    ["", "auto", "AUTO", "claude-opus-5-5", "x/y:free", "role:fast", "anthropic/role:fast"],
)
def test_a_name_without_a_haystack_means_route(model: str) -> None:
    assert named(model).phase == "scenario"


def test_a_haystack_that_there_is_not_is_a_404_that_lists_them() -> None:
    with pytest.raises(NotFound, match=r"foo.*asleep, deepseek, local, openrouter"):
        named("foo,bar")


def test_a_name_as_long_as_no_models_is_a_404() -> None:
    with pytest.raises(NotFound, match="at most 256 characters"):
        named("openrouter," + "x" * 257)


def test_a_comma_without_a_model_is_a_404() -> None:
    with pytest.raises(NotFound, match="no model"):
        named("openrouter,")


@pytest.mark.parametrize(
    ("model", "reason"),
    [("deepseek,chat", "no images"), ("asleep,chat", "inactive: no key: set ASLEEP_API_KEY")],
)
def test_a_named_model_that_cannot_take_the_request_is_an_error_that_says_why(
    model: str, reason: str
) -> None:
    with pytest.raises(NoCandidate, match=reason):
        named(model, images=True)


def test_a_haystack_of_another_role_is_out_of_reach() -> None:
    with pytest.raises(NoCandidate, match="not a haystack of this role"):
        named("openrouter,sonnet", role(haystacks="[deepseek]"))


MAPPED = role(
    """
scenarios: {default: [deepseek, chat], background: [local, "qwen:latest"]}
model_mappings:
  - {from: "claude-haiku-*", to: "scenario:background"}
  - {from: "claude-*-thinker", to: "concept:think"}
  - {from: "gpt-4o*", to: [openrouter, sonnet]}
  - {from: "gpt-*", to: [deepseek, chat]}
  - {from: "sleeper", to: [asleep, chat]}
"""
)


@pytest.mark.parametrize(
    ("model", "first", "concept_", "scenario"),
    [
        ("claude-haiku-4-5", "local,qwen:latest", "", "background"),
        ("claude-great-thinker", "deepseek,reasoner", "think", ""),
        ("gpt-4o-mini", "openrouter,sonnet", "", ""),
        ("GPT-5", "deepseek,chat", "", ""),
    ],
)
def test_the_first_mapping_that_fits_decides(
    model: str, first: str, concept_: str, scenario: str
) -> None:
    decision = named(model, MAPPED)
    assert decision.phase == "explicit"
    assert names(decision.candidates)[0] == first
    assert (decision.concept, decision.scenario) == (concept_, scenario)


def test_a_mapped_name_still_has_a_last_resort() -> None:
    assert names(named("gpt-4o", MAPPED).candidates) == ["openrouter,sonnet", "deepseek,chat"]


def test_a_mapping_that_leads_to_nothing_open_passes_on() -> None:
    decision = named("sleeper", MAPPED)
    assert decision.phase == "scenario"
    assert "ASLEEP_API_KEY" in decision.trace[0].skipped[0].reason


def test_what_is_named_outright_is_not_mapped() -> None:
    own = role('model_mappings: [{from: "*", to: [deepseek, chat]}]')
    assert names(named("openrouter,sonnet", own).candidates) == ["openrouter,sonnet"]


def test_a_plain_name_is_honoured_where_the_role_says_so() -> None:
    own = role(plain_model="honour")
    assert names(named("sonnet", own).candidates) == ["openrouter,sonnet"]
    assert named("claude-opus-5-5", own).phase == "scenario"


def test_a_plain_name_that_two_haystacks_offer_is_a_chain() -> None:
    twins: dict[str, Haystack] = {n: haystack(n, "sonnet") for n in ("first", "second")}
    decision = route(asked("hi", "sonnet"), view(role(plain_model="honour"), [], twins))
    assert names(decision.candidates) == ["first,sonnet", "second,sonnet"]


def test_a_colon_belongs_to_the_model_unless_a_haystack_stands_before_it() -> None:
    own = role(plain_model="honour")
    decision = route(asked("hi", "qwen:latest"), view(own, [], HAYSTACKS))
    assert names(decision.candidates) == ["local,qwen:latest"]
