"""The roles that we ship, with the haystacks and concepts that come along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import haystacks.folder
import kg.folder
import roles.folder
from haystacks.health.measures import Measures
from haystacks.pool import Candidate
from haystacks.presets import PRESETS
from kg.concept import Concept
from rolegraph.rolegraph import compile_rolegraph
from roles.check import check
from roles.decision import Decision, PhaseName
from roles.facts import Facts
from roles.filters import sift
from roles.live import Live
from roles.route import route
from roles.turn_price import turn_usd
from roles.view import View, view_of

HOME = Path(__file__).parents[2]
ROLES = roles.folder.load(HOME)
CONCEPTS = tuple(c for source in kg.folder.load(HOME, [""]).values() for c in source.concepts)
GRAPH = compile_rolegraph(CONCEPTS)
NAMES = ("fast", "intelligent", "balanced", "cheap", "quality")
KEYS = {preset.key_variable: "a-key" for preset in PRESETS.values() if preset.key_variable}
SCENARIOS = ("default", "background", "think", "long_context", "web_search", "image")


@cache
def pools(*keys: str) -> haystacks.folder.Haystacks:
    return haystacks.folder.load(HOME, {key: KEYS[key] for key in keys})


def views(*keys: str) -> Mapping[str, View]:
    by_name = pools(*(keys or KEYS)).by_name
    return {role.shortname: view_of(role, by_name, GRAPH) for role in ROLES.roles}


VIEWS = views()


def first(decision: Decision) -> str:
    return str(decision.candidates[0])


def test_the_five_roles_are_free_of_problems() -> None:
    assert sorted(VIEWS) == sorted(NAMES)
    found = (*ROLES.problems, *check(ROLES.roles, pools(*KEYS).by_name, CONCEPTS))
    assert [str(problem) for problem in found] == []


def test_each_role_sends_the_same_prompt_to_another_model() -> None:
    chosen = {name: first(route(Facts("good morning", tools=True), VIEWS[name])) for name in NAMES}
    assert len(set(chosen.values())) == len(NAMES), chosen


TOPICS = [c for c in CONCEPTS if c.path.startswith(("kg/coding/", "kg/operations/", "kg/writing/"))]
# What leaves the ordinary models on purpose: upwards to think, downwards for what is quick.
APART = {"reasoning_tasks", "think_routing", "fast_routing", "cheap_routing"}
ORDINARY = [c for c in TOPICS if APART.isdisjoint(s.id for s in GRAPH.graph.inherit(c).path)]
WEIGH_TOPICS = ("intelligent", "balanced")


@pytest.mark.parametrize("name", WEIGH_TOPICS)
@pytest.mark.parametrize("concept", ORDINARY, ids=lambda c: c.id)
def test_a_topic_leads_to_a_model_as_good_as_the_default_and_no_dearer_over_a_long_turn(
    name: str, concept: Concept
) -> None:
    usual = route(Facts("hi", tools=True), VIEWS[name]).candidates[0]
    routes = GRAPH.graph.inherit(concept).routes
    links = [link for r in routes for link in VIEWS[name].offer.chain(r.provider, r.model)]
    led = sift(links, Facts("hi", tools=True))[0][0]
    assert led.model.quality >= usual.model.quality
    assert led.model.price
    assert usual.model.price
    turns = [turn_usd(each, 60_000, 0, 20, 300) for each in (led.model.price, usual.model.price)]
    assert turns[0] <= turns[1]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WEIGH_TOPICS])
def test_a_role_of_one_aim_serves_every_topic_alike(name: str) -> None:
    assert not any(VIEWS[name].role.knows(concept.path) for concept in TOPICS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["plan mode", "best possible answer"])
def test_who_asks_for_more_never_gets_less_than_the_default(name: str, text: str) -> None:
    usual = route(Facts("hi", tools=True), VIEWS[name]).candidates[0]
    decision = route(Facts(text, tools=True), VIEWS[name])
    assert decision.phase == "pattern"
    assert decision.candidates[0].model.quality >= usual.model.quality


@pytest.mark.parametrize("name", NAMES)
def test_no_model_stands_before_a_better_one_of_the_same_house_that_costs_less(name: str) -> None:
    for scenario, chain in VIEWS[name].scenarios.items():
        fit, _ = sift(chain, Facts("hi"))
        for place, first in enumerate(fit):
            for later in fit[place + 1 :]:
                same = later.haystack == first.haystack
                assert not (same and _beats(later, first)), (scenario, str(first), str(later))


def _beats(one: Candidate, other: Candidate) -> bool:
    """Tell whether one is better, and no dearer in any respect."""
    mine, its = one.model.price, other.model.price
    return (
        mine is not None
        and its is not None
        and one.model.quality > other.model.quality
        and mine.input <= its.input
        and mine.output <= its.output
        and (mine.cache_read or mine.input) <= (its.cache_read or its.input)
    )


@pytest.mark.parametrize("thinks", [Facts("plan mode", tools=True), Facts("hi", thinking=True)])
def test_the_intelligent_role_thinks_with_deepseek_whose_next_is_of_another_house(
    thinks: Facts,
) -> None:
    candidates = route(thinks, VIEWS["intelligent"]).candidates
    assert str(candidates[0]) == "deepseek,deepseek-reasoner"
    assert any(each.haystack.name != "deepseek" for each in candidates[1:3])


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda c: c.id)
def test_claude_comes_straight_before_the_same_by_way_of_openrouter(concept: Concept) -> None:
    order = [r.provider for r in concept.routes if r.model.rpartition("/")[2].startswith("claude")]
    assert order == sorted(order, key=("anthropic", "openrouter").index)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_role_has_a_model_for_every_scenario(name: str, scenario: str) -> None:
    needs = {
        "image": Facts("hi", images=True, new_images=True, tools=True),
        "web_search": Facts("hi", web_search=True),
        "long_context": Facts("hi", token_bound=900_000, tokens=lambda: 200_001, tools=True),
    }
    fit, _ = sift(VIEWS[name].scenarios[scenario], needs.get(scenario, Facts("hi", tools=True)))
    assert fit


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "concept", [c for c in CONCEPTS if c.path.startswith("kg/routing/")], ids=lambda c: c.id
)
def test_every_role_can_serve_every_routing_concept(name: str, concept: Concept) -> None:
    routes = GRAPH.graph.inherit(concept).routes
    links = [link for r in routes for link in VIEWS[name].offer.chain(r.provider, r.model)]
    fit, skipped = sift(links, Facts("hi"))
    assert fit, skipped


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (name, key)
        for key in ("OPENROUTER_API_KEY", "GEMINI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY")
        for name in NAMES
        # The cheap role leaves the two dear houses out.
        if name != "cheap" or key in {"OPENROUTER_API_KEY", "GEMINI_API_KEY"}
    ],
)
def test_one_key_of_a_large_house_is_enough_for_an_agent(name: str, key: str) -> None:
    decision = route(Facts("hi", tools=True), views(key)[name])
    assert decision.candidates[0].haystack.name == key.removesuffix("_API_KEY").lower()


@pytest.mark.parametrize("name", NAMES)
def test_a_haiku_model_by_name_is_background_work(name: str) -> None:
    decision = route(Facts("hi", model="claude-haiku-4-5-20251001"), VIEWS[name])
    assert decision.scenario == "background"


@pytest.mark.parametrize("milliseconds", [0, 5, 50, 150])
@pytest.mark.parametrize("tokens", [100, 5_000, 50_000])
def test_to_weigh_does_not_make_a_cheap_good_default_a_dear_one_for_some_milliseconds(
    milliseconds: int, tokens: int
) -> None:
    role = replace(VIEWS["intelligent"].role, phases=get_args(PhaseName))
    view = view_of(role, pools(*KEYS).by_name, GRAPH)

    def measures(candidate: Candidate) -> Measures:
        late = milliseconds / 1000 if candidate.haystack.name == "deepseek" else 0.0
        return Measures(100.0, 0.5 + late, 60.0, 0.99)

    asked = Facts("hi", tools=True, token_bound=tokens + 60_000, tokens=lambda: tokens)
    decision = route(asked, view, Live(measures=measures))
    assert (decision.phase, first(decision)) == ("performance", "deepseek,deepseek-chat")


@pytest.mark.parametrize("name", ["fast", "balanced", "quality"])
def test_roles_that_weigh_ask_all_six_phases_and_do_as_written_until_enough_is_measured(
    name: str,
) -> None:
    decision = route(Facts("hi", tools=True), VIEWS[name])
    assert VIEWS[name].role.phases == get_args(PhaseName)
    assert first(decision) == str(VIEWS[name].scenarios["default"][0])


def test_to_weigh_never_takes_the_balanced_role_to_a_weaker_model_for_its_price() -> None:
    def measures(candidate: Candidate) -> Measures:
        return Measures(100.0, 5.0 if candidate.haystack.name == "gemini" else 0.2, 60.0, 0.99)

    decision = route(Facts("hi", tools=True), VIEWS["balanced"], Live(measures=measures))
    assert decision.phase == "performance"
    assert first(decision) == str(VIEWS["balanced"].scenarios["default"][0])


def test_the_cheap_role_takes_what_is_free_and_then_what_costs_least() -> None:
    decision = route(Facts("hi", tools=True), VIEWS["cheap"])
    assert decision.phase == "cost"
    assert [str(each) for each in decision.candidates[:2]] == [
        "openrouter,qwen/qwen3-coder:free",
        "deepseek,deepseek-v4-flash",
    ]


def test_the_cheap_role_pays_little_whatever_is_asked_for() -> None:
    for concept in CONCEPTS:
        for r in GRAPH.graph.inherit(concept).routes:
            fit, _ = sift(VIEWS["cheap"].offer.chain(r.provider, r.model), Facts("hi"))
            dear = [str(each) for each in fit if each.model.price and each.model.price.output > 5]
            assert dear == [], concept.id
