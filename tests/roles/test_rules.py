"""Rules: where requests go that meet their conditions, before the concepts' own routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from haystacks.pool import Candidate
from kg.concept import Concept, Transform
from roles.decision import Decision
from roles.facts import Facts
from roles.live import Live
from roles.route import route
from tests.roles.world import asked, concept, names, role, view

SONNET = "route: [openrouter, sonnet]"
SCENARIOS = "scenarios: {default: [[openrouter, sonnet], [deepseek, chat], [deepseek, reasoner]]}"
RUST = concept("rust", "deepseek,reasoner", priority=80)
TOKIO = concept("tokio", broader="rust")


def decided(
    rules: str,
    facts: Facts,
    concepts: Sequence[Concept] = (),
    *,
    more: str = SCENARIOS,
    live: Live | None = None,
) -> Decision:
    return route(facts, view(role(f"{more}\nrules:\n{rules}"), concepts), live or Live())


def ruled(when: str, facts: Facts, live: Live | None = None) -> bool:
    decision = decided(f"  - {{when: {{{when}}}, {SONNET}}}", facts, [RUST, TOKIO], live=live)
    return decision.trace[1].reason.startswith("rule 1 ")


def test_the_first_rule_that_holds_decides_before_any_concept_and_is_named() -> None:
    rules = f"""
  - {{when: {{tools: yes}}, route: [deepseek, chat]}}
  - {{when: {{concepts: [rust], tokens: "< 9"}}, {SONNET}}}
  - {{{SONNET}}}
"""
    decision = decided(rules, asked("some rust and tokio"), [RUST, TOKIO])
    assert (decision.phase, decision.concept, decision.confidence) == ("pattern", "rust", 1.0)
    assert names(decision.candidates)[0] == "openrouter,sonnet"
    assert decision.trace[1].reason == "rule 2 (concepts rust, tokens < 9)"
    assert [each.concept for each in decision.matched] == ["rust", "tokio"]


def test_where_no_rule_holds_the_concepts_decide_and_then_the_scenarios() -> None:
    rules = f"  - {{when: {{tools: yes}}, {SONNET}}}"
    assert decided(rules, asked("rust"), [RUST]).concept == "rust"
    other = decided(rules, asked("else"), [RUST])
    assert (other.phase, other.trace[1].reason) == ("scenario", "no rule holds; no concept matched")


def test_a_rule_that_is_not_open_is_passed_over_and_the_trace_says_why() -> None:
    rules = f"  - {{route: [asleep, chat]}}\n  - {{route: [deepseek, chat]}}\n  - {{{SONNET}}}"
    decision = decided(rules, asked("look", images=True))
    assert names(decision.candidates) == ["openrouter,sonnet"]
    assert decision.trace[1].reason == "rule 3 (always)"
    assert [str(each.reason) for each in decision.trace[1].skipped] == [
        "rule 1: inactive: no key: set ASLEEP_API_KEY",
        "rule 2: no images",
    ]


def test_a_closed_candidate_hands_on_to_the_rest_of_its_chain_and_then_to_the_next_rule() -> None:
    rules = "  - {route: [[deepseek, chat], [openrouter, sonnet]]}\n  - {route: [local, qwen]}"

    def without(*shut: str) -> str:
        def closed(candidate: Candidate) -> str:
            return "cooling down" if str(candidate) in shut else ""

        return names(decided(rules, asked(), live=Live(closed=closed)).candidates)[0]

    assert without() == "deepseek,chat"
    assert without("deepseek,chat") == "openrouter,sonnet"
    assert without("deepseek,chat", "openrouter,sonnet") == "local,qwen"


def test_a_strategy_orders_the_scenario_that_fits() -> None:
    think = f"{SCENARIOS[:-1]}, think: [[openrouter, sonnet], [deepseek, reasoner]]}}"
    cheap = "  - {strategy: cost_first}"
    decision = decided(cheap, asked("hm", token_bound=4000, thinking=True), more=think)
    assert names(decision.candidates)[:2] == ["deepseek,reasoner", "openrouter,sonnet"]
    assert (decision.phase, decision.scenario) == ("pattern", "think")
    assert "rule 1 (always): think by cost_first" in decision.trace[1].reason
    best = decided("  - {strategy: quality_first}", asked("hm"))
    assert names(best.candidates) == ["openrouter,sonnet", "deepseek,reasoner", "deepseek,chat"]


def test_a_rule_keeps_the_transformers_of_the_concept_that_it_asked_for() -> None:
    def named(concept: Concept, name: str) -> Concept:
        return replace(concept, transforms=(Transform(name, 1, 1),))

    concepts = [named(RUST, "replace"), named(TOKIO, "annotate")]
    for when, kept in (("{}", "replace"), ("{concepts: [tokio]}", "annotate")):
        decision = decided(f"  - {{when: {when}, {SONNET}}}", asked("rust with tokio"), concepts)
        assert decision.transforms == (kept,)


def test_without_the_phase_pattern_no_rule_is_asked() -> None:
    more = f"{SCENARIOS}\nphases: [explicit, scenario]"
    assert decided(f"  - {{{SONNET}}}", asked(), more=more).phase == "scenario"


@pytest.mark.parametrize(
    ("when", "facts", "holds"),
    [
        ("tools: no", asked(), True),
        ("tools: yes", asked(), False),
        ("concepts: [Rust]", asked("in rust"), True),
        ("concepts: [tokio, rust]", asked("tokio"), True),
        ("concepts: [rust]", asked("tokio"), False),
        ("header: {X-Team: 'research*'}", asked(headers={"x-team": "Research-2"}), True),
        ("header: {x-team: 'research*'}", asked(headers={"x-team": "sales"}), False),
        ("header: {x-team: '*'}", asked(), False),
        ("complexity: '< 0.2'", asked("hello"), True),
        ("complexity: '0.3-1'", asked("1. a\n2. b\n3. c\n4. d\n5. e", tools=True), True),
        ("tools: no, complexity: '> 0.2'", asked("hello"), False),
    ],
)
def test_each_condition_asks_one_thing_and_all_must_be_met(
    when: str, facts: Facts, *, holds: bool
) -> None:
    assert ruled(when, facts) is holds


@pytest.mark.parametrize(
    ("tokens", "least", "most"),
    [("> 20", 21, 99), (">= 20", 20, 99), ("< 20", 0, 19), ("<= 20", 0, 20), ("10-20", 10, 20)],
)
def test_a_range_of_tokens_keeps_its_bounds(tokens: str, least: int, most: int) -> None:
    held = [
        count
        for count in range(100)
        if ruled(f"tokens: '{tokens}'", asked(tokens=lambda n=count: n, token_bound=400))
    ]
    assert held == list(range(least, most + 1))


def test_tokens_are_counted_only_where_the_length_of_the_body_cannot_tell() -> None:
    def dear() -> int:
        pytest.fail("counted")

    small = asked(tokens=dear, token_bound=500)
    assert not ruled("tokens: '> 20000'", small)
    assert ruled("tokens: '< 501'", small)
    assert ruled("tokens: '>= 0'", small)
    assert not ruled("tools: yes, tokens: '> 3'", small)


@pytest.mark.parametrize(
    ("hour", "held"),
    [("22-6", [*range(6), 22, 23]), ("9-17", range(9, 17)), ("9", [9]), ("0-24", range(24))],
)
def test_hours_are_those_of_the_zone_and_may_pass_midnight(hour: str, held: Sequence[int]) -> None:
    for zone in (UTC, timezone(timedelta(hours=5, minutes=30))):
        midnight = datetime(2026, 3, 1, tzinfo=zone)
        moments = [
            Live(now=(midnight + timedelta(hours=h)).timestamp(), zone=zone) for h in range(24)
        ]
        assert [h for h in range(24) if ruled(f"hour: {hour}", asked(), moments[h])] == [*held]


@pytest.mark.parametrize(
    ("key", "holds"), [("ci-7", True), ("CI-x", True), ("my", False), ("", False)]
)
def test_a_key_is_asked_by_its_name(key: str, *, holds: bool) -> None:
    assert ruled("key: 'ci-*'", asked(), Live(key=key)) is holds
    assert not ruled("key: '*'", asked(), Live())
