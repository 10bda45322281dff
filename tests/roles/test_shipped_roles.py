"""The roles that we ship, with the haystacks and concepts that come along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import haystacks.folder
import kg.folder
import roles.folder
from haystacks.measures import Measures
from haystacks.pool import Candidate
from haystacks.presets import PRESETS
from kg.concept import Concept
from rolegraph.rolegraph import compile_rolegraph
from roles.check import check
from roles.decision import PHASES, Decision
from roles.facts import Facts
from roles.filters import sift
from roles.live import Live
from roles.route import route
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


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("fast", "groq,openai/gpt-oss-120b"),
        ("intelligent", "openrouter,anthropic/claude-sonnet-4.5"),
        ("cheap", "deepseek,deepseek-v4-flash"),
        ("quality", "anthropic,claude-opus-5-5"),
    ],
)
def test_one_concept_serves_each_role_in_its_own_way(name: str, model: str) -> None:
    decision = route(Facts("the borrow checker rejects this", tools=True), VIEWS[name])
    assert decision.concept == "rust_lang"
    assert first(decision) == model


@pytest.mark.parametrize("thinks", [Facts("plan mode", tools=True), Facts("hi", thinking=True)])
def test_the_intelligent_role_thinks_with_deepseek_and_then_with_claude(thinks: Facts) -> None:
    candidates = [str(each) for each in route(thinks, VIEWS["intelligent"]).candidates]
    assert candidates[:2] == [
        "deepseek,deepseek-reasoner",
        "openrouter,anthropic/claude-sonnet-4.5",
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_role_has_a_model_for_every_scenario(name: str, scenario: str) -> None:
    needs = {
        "image": Facts("hi", images=True, tools=True),
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
    role = replace(VIEWS["intelligent"].role, phases=PHASES)
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
    assert VIEWS[name].role.phases == PHASES
    assert first(decision) == str(VIEWS[name].scenarios["default"][0])


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
