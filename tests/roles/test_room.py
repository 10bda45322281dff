"""A turn begins where it can end."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from haystacks.pool import Candidate, Model
from roles.decision import Decision
from roles.room import has_room, roomy_first
from roles.route import route
from tests.roles.world import asked, concept, haystack, names, role, view

HOMES = {
    "cloud": haystack("cloud", Model("short", 64_000), Model("long", 200_000), "unknown"),
}
CHAIN = "scenarios: {default: [[cloud, short], [cloud, long]]}"


def at(tokens: int, text: str = "hi", model: str = "", own: str = CHAIN, **more: Any) -> Decision:
    facts = asked(text, model, tokens=lambda: tokens, token_bound=tokens * 4, **more)
    return route(facts, view(role(own), [concept("rust", "cloud,short", "cloud,long")], HOMES))


def first(decision: Decision) -> str:
    return names(decision.candidates)[0]


def test_a_turn_begins_with_the_first_that_has_room_and_the_trace_says_why() -> None:
    assert first(at(56_000)) == "cloud,short"
    decision = at(56_001)
    assert names(decision.candidates) == ["cloud,long", "cloud,short"]
    assert "a turn that begins would soon outgrow cloud,short" in decision.trace[-1].reason


def test_a_concepts_chain_is_asked_for_room_too() -> None:
    assert first(at(60_000, "rust")) == "cloud,long"


def test_room_never_refuses() -> None:
    assert first(at(60_000, own="scenarios: {default: [cloud, short]}")) == "cloud,short"


def test_who_names_a_model_gets_it_while_the_request_fits() -> None:
    assert first(at(60_000, model="cloud,short")) == "cloud,short"


def test_a_turn_that_goes_on_may_use_the_last_of_its_room() -> None:
    assert first(at(60_000, continues_turn=True)) == "cloud,short"


def test_tokens_are_counted_only_where_the_size_of_the_body_does_not_tell() -> None:
    def count() -> int:
        raise AssertionError("counted")

    facts = asked("hi", tokens=count, token_bound=56_000)
    assert has_room(Candidate(HOMES["cloud"], Model("short", 64_000)), facts)


@given(st.lists(st.none() | st.integers(1, 10**6), min_size=1), st.integers(0, 10**6))
def test_none_is_lost_and_equals_keep_their_order(windows: list[int | None], tokens: int) -> None:
    facts = asked("hi", tokens=lambda: tokens, token_bound=tokens)
    given_as = tuple(
        Candidate(HOMES["cloud"], Model(str(number), window))
        for number, window in enumerate(windows)
    )
    found = roomy_first(given_as, facts)
    for roomy in (True, False):
        alike = [each for each in given_as if has_room(each, facts) is roomy]
        assert [each for each in found if has_room(each, facts) is roomy] == alike
