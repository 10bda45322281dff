"""Names that lead nowhere."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from haystacks.pool import Haystack, Model
from kg.concept import Concept, Transform
from kg.problem import Problem
from roles.check import check
from roles.file import read_role
from tests.roles.world import HAYSTACKS, concept

CONCEPTS = (concept("think", "deepseek,reasoner"),)


def found(text: str, concepts: Sequence[Concept] = CONCEPTS) -> list[str]:
    return [str(each) for each in problems(text, concepts)]


def problems(text: str, concepts: Sequence[Concept] = CONCEPTS) -> tuple[Problem, ...]:
    role, wrong = read_role(text, "roles/coder.yaml")
    assert role, wrong
    return check([role], HAYSTACKS, concepts)


def test_an_unknown_haystack_is_shown_where_it_stands_with_what_was_meant() -> None:
    assert found("name: Coder\nhaystacks:\n  - deepseek\n  - openruter\n") == [
        'roles/coder.yaml:4:5 RG104 unknown haystack "openruter" (did you mean "openrouter"?)'
    ]


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("scenarios: {think: [fast, chat]}", "RG104", 21),
        ("scenarios: {think: [[deepseek, chat], [fast, chat]]}", "RG104", 40),
        ("model_mappings: [{from: x, to: [fast, chat]}]", "RG104", 33),
        ("model_exclusions: {fast: ['*']}", "RG104", 20),
        ("scenarios: {think: [deepseek, chet]}", "RG108", 31),
        ("scenarios: {think: [[deepseek, chat], [deepseek, chet]]}", "RG108", 50),
        ("model_mappings: [{from: x, to: 'scenario:think'}]", "RG110", 32),
        ("model_mappings: [{from: x, to: 'concept:thinks'}]", "RG106", 32),
        ("default_concept: thinks", "RG106", 18),
        ("kg: [routing, weather]", "RG107", 15),
    ],
)
def test_each_reference_is_checked_at_its_line_and_column(
    line: str, code: str, column: int
) -> None:
    (problem,) = problems(f"name: Coder\n{line}\n")
    assert (problem.code, problem.line, problem.column) == (code, 2, column)


@pytest.mark.parametrize(
    "line",
    [
        "haystacks: [DeepSeek]",
        "scenarios: {default: [asleep, chat]}",
        "scenarios: {default: [ollama, 'qwen:latest']}",
        "scenarios: {default: [deepseek, '*']}",
        "model_mappings: [{from: x, to: 'scenario:default'}]",
        "default_concept: Think",
    ],
)
def test_what_is_there_is_no_problem(line: str) -> None:
    assert found(f"name: Coder\n{line}\n") == []


def test_a_model_of_a_haystack_that_lists_none_is_taken_on_trust() -> None:
    silent = {**HAYSTACKS, "silent": replace(HAYSTACKS["asleep"], name="silent", models=())}
    role, _ = read_role("name: A\nscenarios: {default: [silent, any]}", "roles/a.yaml")
    assert role
    assert check([role], silent, CONCEPTS) == ()


def test_a_route_that_no_role_can_follow_is_shown_in_the_concepts_file() -> None:
    lost = concept("lost", "deepsek,chat")
    (message,) = found("name: Coder", [lost])
    assert message.startswith("kg/routing/lost.md:5:9 RG109 ")
    assert message.endswith('"deepsek" (did you mean "deepseek"?)')


def test_a_route_that_no_role_knows_of_is_nobodys_problem() -> None:
    far = concept("far", "nowhere,chat", folder="kg/archive")
    assert found("name: Coder\nkg: [routing]", [*CONCEPTS, far]) == []


def test_a_route_may_name_a_service() -> None:
    assert found("name: Coder", [concept("small", "ollama,qwen:latest")]) == []


def test_a_bare_name_that_two_haystacks_offer_is_shown_where_bare_names_count() -> None:
    twice = {
        name: Haystack(name, name, "openai_chat", "", models=(Model("chat"), Model("one:small")))
        for name in ("one", "two")
    }
    role, _ = read_role("name: A\nplain_model: honour\n", "roles/a.yaml")
    assert role
    lines = (str(problem) for problem in check([role], twice, ()))
    told = [line for line in lines if "RG112" in line]
    assert [line.partition(" (")[0] for line in told] == [
        'roles/a.yaml:2:14 RG112 "chat" is a model of one and of two',
        'roles/a.yaml:2:14 RG112 "one:small" is a model of one and of two',
        'roles/a.yaml:2:14 RG112 "one:small" reads as a haystack and its model',
    ]
    routing = check([replace(role, plain_model="route")], twice, ())
    assert "RG112" not in {problem.code for problem in routing}


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("tooluse", None),
        ("tolluse", 'unknown transformer "tolluse" (did you mean "tooluse"?)'),
        (
            "maxtoken",
            'the transformer "maxtoken" needs options (name it in a haystack\'s file instead)',
        ),
    ],
)
def test_a_transformer_that_a_concept_cannot_use_is_shown_in_its_file(
    name: str, finding: str | None
) -> None:
    named = replace(CONCEPTS[0], transforms=(Transform(name, 7, 13),))
    told = f"kg/routing/think.md:7:13 RG113 {finding}"
    assert found("name: Coder", [named]) == ([told] if finding else [])
    assert found("name: Coder\nkg: [routing]", [replace(named, path="kg/old/think.md")])[1:] == []
