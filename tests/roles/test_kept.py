"""A turn that goes on keeps its model, and a session its pin."""

from collections.abc import Mapping
from typing import Any

import pytest

from haystacks.errors import NoCandidate, NotFound
from haystacks.pool import Candidate, Haystack
from roles.lane import Ending
from roles.route import route
from roles.view import View
from tests.roles.conversation import Conversation, chosen, reasons
from tests.roles.world import HAYSTACKS, asked, concept, haystack, names, role, view

THINK = concept("think", "openrouter,sonnet", "deepseek,chat", priority=80)
DEFAULT = "scenarios: {default: [[deepseek, chat], [local, qwen]]}"
VIEW = view(role(DEFAULT), [THINK])
PIN = "x-rolegraph-pin"


def begun_with(text: str = "think", at: View = VIEW) -> Conversation:
    talk = Conversation(at)
    talk.says(text)
    return talk


def shut(*models: str) -> dict[str, Any]:
    def closed(candidate: Candidate) -> str:
        return "ejected for 30 s" if str(candidate) in models else ""

    return {"closed": closed}


def test_a_turn_that_goes_on_is_not_matched_again() -> None:
    decision = begun_with().goes_on()
    assert (decision.phase, chosen(decision)) == ("session", "openrouter,sonnet")
    assert (decision.concept, decision.confidence) == ("think", 1.0)


def test_the_chain_that_a_turn_began_with_stands_behind() -> None:
    assert names(begun_with().goes_on().candidates) == [
        "openrouter,sonnet",
        "deepseek,chat",
        "local,qwen",
    ]


def test_a_turn_outlives_its_concept_its_scenario_and_its_place_in_the_role() -> None:
    talk = begun_with()
    talk.view = view(role("scenarios: {default: [local, qwen]}", haystacks="[local]"))
    assert chosen(talk.goes_on()) == "openrouter,sonnet"


def test_a_turn_keeps_a_model_that_is_no_longer_listed() -> None:
    talk = begun_with()
    talk.view = view(role(DEFAULT), haystacks={**HAYSTACKS, "openrouter": haystack("openrouter")})
    assert chosen(talk.goes_on()) == "openrouter,sonnet"


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"deepseek": HAYSTACKS["deepseek"]}, "unknown haystack"),
        ({**HAYSTACKS, "openrouter": haystack("openrouter", inactive="no key")}, "inactive"),
    ],
)
def test_a_turn_whose_haystack_has_gone_is_routed_anew_and_says_why(
    now: Mapping[str, Haystack], why: str
) -> None:
    talk = begun_with()
    talk.view = view(role(DEFAULT), haystacks=now)
    decision = talk.goes_on()
    assert (decision.phase, chosen(decision)) == ("scenario", "deepseek,chat")
    assert f"can't go on with openrouter,sonnet: {why}" in reasons(decision)


def test_a_turn_that_asks_for_more_than_its_model_can_is_routed_anew() -> None:
    talk = begun_with("hello")
    talk.view = view(role("scenarios: {default: [deepseek, chat], image: [openrouter, sonnet]}"))
    decision = talk.goes_on(images=True, new_images=True)
    assert (decision.phase, chosen(decision)) == ("scenario", "openrouter,sonnet")
    assert "can't go on with deepseek,chat: no images" in reasons(decision)


def test_a_closed_model_gives_way_to_the_next_of_the_turns_own_chain() -> None:
    talk = begun_with()
    talk.live = shut("openrouter,sonnet")
    decision = talk.goes_on()
    assert names(decision.candidates)[0] == "deepseek,chat"
    assert "openrouter,sonnet is closed: ejected for 30 s" in reasons(decision)


def test_where_the_whole_chain_is_closed_it_is_asked_all_the_same() -> None:
    talk = begun_with()
    talk.live = shut("openrouter,sonnet", "deepseek,chat", "local,qwen")
    assert chosen(talk.goes_on()) == "openrouter,sonnet"


def test_what_another_model_has_answered_stays_with_it() -> None:
    talk = Conversation(VIEW)
    talk.asks(talk.facts("think"), Ending("ok", failed=(("openrouter", "sonnet"),)), by=1)
    assert chosen(talk.goes_on()) == "deepseek,chat"


def test_a_client_that_names_a_model_gets_it_in_the_midst_of_a_turn() -> None:
    decision = begun_with().goes_on(model="local,qwen")
    assert (decision.phase, names(decision.candidates)) == ("explicit", ["local,qwen"])


def test_a_mapping_is_asked_at_the_beginning_of_a_turn_alone() -> None:
    mapped = f'{DEFAULT}\nmodel_mappings: [{{from: "opus", to: "scenario:default"}}]'
    talk = begun_with(at=view(role(mapped), [THINK]))
    decision = talk.goes_on(model="opus")
    assert (decision.phase, chosen(decision)) == ("session", "openrouter,sonnet")
    assert talk.says("think", model="opus").phase == "explicit"


def test_a_turn_goes_on_whatever_the_roles_phases_say() -> None:
    talk = begun_with(at=view(role(DEFAULT, phases="[pattern, scenario]"), [THINK]))
    assert chosen(talk.goes_on()) == "openrouter,sonnet"


def test_without_a_session_every_request_is_routed() -> None:
    decision = route(asked("think", turn="1", continues_turn=True), VIEW)
    assert decision.phase == "pattern"


def test_a_pin_goes_before_patterns_and_turns() -> None:
    talk = begun_with()
    pinned = talk.says("think", headers={PIN: "local, qwen"})
    assert (pinned.phase, chosen(pinned)) == ("session", "local,qwen")
    assert chosen(talk.says("think")) == "local,qwen"
    assert chosen(talk.says("think", headers={PIN: "none"})) == "openrouter,sonnet"
    assert chosen(talk.says("think")) == "openrouter,sonnet"


def test_a_pin_needs_no_session() -> None:
    assert chosen(route(asked("think", headers={PIN: "local,qwen"}), VIEW)) == "local,qwen"


@pytest.mark.parametrize("pin", ["nowhere,model", "local", "local,"])
def test_a_pin_to_what_there_is_not_is_refused(pin: str) -> None:
    with pytest.raises(NotFound):
        route(asked("think", headers={PIN: pin}), VIEW)


def test_a_pin_that_can_not_hold_says_why_and_routing_goes_on() -> None:
    decision = route(asked("think", headers={PIN: "deepseek,chat"}, images=True), VIEW)
    assert chosen(decision) == "openrouter,sonnet"
    assert 'the pin "deepseek,chat" can\'t hold: deepseek,chat: no images' in reasons(decision)


def test_a_pin_whose_haystack_has_gone_since_is_no_error() -> None:
    talk = begun_with()
    talk.says("think", headers={PIN: "local,qwen"})
    talk.view = view(role(), [THINK], {"openrouter": HAYSTACKS["openrouter"]})
    assert chosen(talk.says("think")) == "openrouter,sonnet"


def test_a_named_model_goes_before_a_pin() -> None:
    facts = asked("think", "deepseek,chat", headers={PIN: "local,qwen"})
    assert chosen(route(facts, VIEW)) == "deepseek,chat"
    with pytest.raises(NoCandidate):
        route(asked("x", "deepseek,chat", images=True, headers={PIN: "local,qwen"}), VIEW)


def test_behind_a_pin_stands_the_last_resort() -> None:
    decision = route(asked("hi", headers={PIN: "openrouter,sonnet"}), VIEW)
    assert names(decision.candidates) == ["openrouter,sonnet", "deepseek,chat", "local,qwen"]
