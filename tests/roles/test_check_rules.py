"""Rules that can't ever decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.problem import Problem
from roles.check import check
from roles.check_rules import before
from roles.file import read_role
from roles.live import Live
from roles.when import Hours, When, read_hours, read_range
from tests.roles.world import HAYSTACKS, asked, concept

CONCEPTS = (concept("rust", "deepseek,chat"), concept("tokio"))
CHAT = "route: [deepseek, chat]"


def problems(*rules: str, more: str = "") -> tuple[Problem, ...]:
    lines = "\n".join(f"  - {{{rule}}}" for rule in rules)
    role, wrong = read_role(f"name: Coder\nrules:\n{lines}\n{more}", "roles/coder.yaml")
    assert role, wrong
    return check([role], HAYSTACKS, CONCEPTS)


def found(*rules: str, more: str = "") -> list[str]:
    return [f"{p.line}:{p.column} {p.code}" for p in problems(*rules, more=more)]


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("complexity: '> 1'", "no complexity, 0 to 1, is > 1"),
        ("complexity: '1.5-2'", "no complexity, 0 to 1, is 1.5-2"),
        ("complexity: '< 0'", "no complexity, 0 to 1, is < 0"),
        ("tokens: 5-2", "no number of tokens is 5-2"),
        ("tokens: '< 0'", "no number of tokens is < 0"),
        ("hour: 7-7", "no hour is in 7-7"),
        ("complexity: '> 0.9', tools: no", "no complexity with no tools, 0 to 0.9, is > 0.9"),
        ("complexity: '< 0.1', tools: yes", "no complexity with tools, 0.1 to 1, is < 0.1"),
        (
            "complexity: '< 0.15', tools: yes, concepts: [rust]",
            "no complexity with tools and a concept, 0.15 to 1, is < 0.15",
        ),
        (
            "complexity: 0-0.04, concepts: [rust]",
            "no complexity with a concept, 0.05 to 1, is 0-0.04",
        ),
    ],
)
def test_a_condition_that_no_request_meets_is_shown_where_it_stands(when: str, told: str) -> None:
    (problem,) = problems(CHAT, f"when: {{{when}}}, {CHAT}")
    assert (problem.code, problem.line, problem.message) == ("RG114", 4, told)
    assert problem.column == 13 + when.index(": ") + 2


@pytest.mark.parametrize("when", ["complexity: '>= 1'", "complexity: '<= 0'", "tokens: 5-5"])
def test_a_single_number_is_enough(when: str) -> None:
    assert found(f"when: {{{when}}}, {CHAT}") == []


def test_what_a_rule_names_is_checked_at_its_line_and_column() -> None:
    assert found("when: {concepts: [rust, tokyo]}, route: [deepsek, chat]") == [
        "3:30 RG106",
        "3:47 RG104",
    ]
    assert found("route: [[deepseek, chat], [deepseek, chet]]") == ["3:43 RG108"]
    (unknown, _) = problems("when: {concepts: [rust, tokyo]}, route: [deepsek, chat]")
    assert unknown.hint == 'did you mean "tokio"?'


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("", "tools: yes"),
        ("", ""),
        ("complexity: '> 0.5'", "complexity: '>= 0.6', tools: yes"),
        ("tokens: '>= 10'", "tokens: 10-20"),
        ("concepts: [rust, tokio]", "concepts: [tokio]"),
        ("hour: 20-8", "hour: 22-6"),
        ("key: 'ci-*'", "key: 'ci-*-fast'"),
        ("header: {X-Team: '*'}", "header: {x-team: sales}, tools: no"),
    ],
)
def test_a_rule_behind_one_that_asks_for_less_is_shown(earlier: str, later: str) -> None:
    (problem,) = problems(f"when: {{{earlier}}}, {CHAT}", f"when: {{{later}}}, {CHAT}")
    assert (problem.code, problem.line, problem.column) == ("RG115", 4, 5)
    assert problem.message == "whenever rule 2 holds, rule 1 does"
    if earlier != later:
        assert found(f"when: {{{later}}}, {CHAT}", f"when: {{{earlier}}}, {CHAT}") == []


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("concepts: [tokio]", "concepts: [rust, tokio]"),
        ("concepts: [tokio]", "tools: yes"),
        ("tools: yes", "tools: no"),
        ("complexity: '> 0.5'", "complexity: '>= 0.5'"),
        ("key: 'ci-?'", "key: 'ci-*'"),
        ("key: '*abc]'", "key: '[abc]'"),
        ("header: {x-team: '*'}", "header: {x-other: '*'}"),
        ("hour: 9", "hour: 9-11"),
    ],
)
def test_a_rule_that_may_hold_alone_is_no_problem(earlier: str, later: str) -> None:
    assert found(f"when: {{{earlier}}}, {CHAT}", f"when: {{{later}}}, {CHAT}") == []


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("tools: yes", "tools: no", "header: {x-a: b}"),
        ("complexity: '> 0.6'", "complexity: '<= 0.6'", "key: ci"),
        ("tokens: '>= 500'", "tokens: 0-500", "tokens: '> 100', tools: yes"),
        ("hour: 8-20", "hour: 20-9", "tools: yes"),
    ],
)
def test_a_rule_that_the_earlier_ones_leave_nothing_to_is_shown(
    first: str, second: str, third: str
) -> None:
    rules = [f"when: {{{when}}}, {CHAT}" for when in (first, second, third)]
    (problem,) = problems(*rules)
    assert (problem.code, problem.line) == ("RG115", 5)
    assert problem.message == "whenever rule 3 holds, rule 1 or 2 does"
    assert found(rules[0], rules[2], rules[1]) == []


def test_rules_that_no_phase_asks_are_shown() -> None:
    assert found(CHAT, more="phases: [explicit, scenario]") == ["2:1 RG116"]


RANGES = st.sampled_from(["> 1", ">= 1", "< 3", "<= 3", "1-3", "2-2"]).map(read_range)
WHENS = st.builds(
    When,
    concepts=st.sampled_from([(), ("rust",), ("tokio",), ("rust", "tokio")]),
    complexity=st.none() | st.sampled_from(["> 0.5", "<= 0.5", "0.5-1"]).map(read_range),
    tokens=st.none() | RANGES,
    tools=st.sampled_from([None, True, False]),
    hours=st.none() | st.sampled_from(["0-2", "1-2", "22-2"]).map(read_hours),
    key=st.sampled_from(["", "*", "a*", "?", "a?", "[ab]", "a"]),
)


@given(WHENS, st.lists(WHENS, min_size=1, max_size=3), st.data())
def test_no_request_meets_the_narrow_conditions_and_none_of_the_wide_ones(
    narrow: When, wide: list[When], data: st.DataObject
) -> None:
    places = before(narrow, wide)
    if not places:
        return
    tokens = data.draw(st.integers(0, 4))
    facts = asked(tools=data.draw(st.booleans()), tokens=lambda: tokens, token_bound=9)
    key = data.draw(st.sampled_from(["", "a", "b", "ab", "[ab]"]))
    live = Live(now=data.draw(st.integers(0, 23)) * 3600.0, key=key)
    names = frozenset(data.draw(st.sets(st.sampled_from(["rust", "tokio"]))))
    score = data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    if narrow.holds(facts, live, names, lambda: score):
        assert any(wide[at].holds(facts, live, names, lambda: score) for at in places)


def test_hours_are_a_set_of_the_day() -> None:
    assert read_hours(23) == Hours(frozenset({23}))
