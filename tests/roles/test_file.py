"""The role file: its form, and what is said of a wrong one."""

import pytest

from kg.problem import Problem
from roles.budget import Budget
from roles.file import RoleFile, read_role
from roles.performance import Performance
from roles.role import DEFAULT_PHASES, ModelMapping, Target

FULL = """\
name: Intelligent
shortname: intelligent
kg: [routing, coding]
haystacks: [openrouter, deepseek, groq]
strategy: cost_first
phases: [explicit, pattern, scenario]
default_concept: Calm
scenarios:
  default: [deepseek, deepseek-chat]
  background: [ollama, "qwen2.5-coder:latest"]
  think: [[deepseek, deepseek-reasoner], [openrouter, anthropic/claude-sonnet-4.5]]
long_context_threshold: 30000
model_mappings:
  - {from: "claude-haiku-*", to: "scenario:background"}
  - {from: "*-thinker", to: "concept: Think"}
  - {from: "gpt-4o*", to: [openai, gpt-4o]}
model_exclusions: {openrouter: ["*-preview"]}
plain_model: honour
boundary: none
triggers: {threshold: 0.4}
"""


def problems(text: str) -> tuple[Problem, ...]:
    return read_role(text, "roles/coder.yaml")[1]


def test_every_key_of_the_format_reaches_the_role() -> None:
    role, found = read_role(FULL, "roles/intelligent.yaml")
    assert not found
    assert role is not None
    assert (role.name, role.shortname, role.path) == (
        "Intelligent",
        "intelligent",
        "roles/intelligent.yaml",
    )
    assert role.kg == ("kg/routing", "kg/coding")
    assert role.haystacks == ("openrouter", "deepseek", "groq")
    assert (role.strategy, role.default_concept, role.boundary) == ("cost_first", "calm", "none")
    assert role.scenarios == {
        "default": (Target("deepseek", "deepseek-chat"),),
        "background": (Target("ollama", "qwen2.5-coder:latest"),),
        "think": (
            Target("deepseek", "deepseek-reasoner"),
            Target("openrouter", "anthropic/claude-sonnet-4.5"),
        ),
    }
    assert role.model_mappings == (
        ModelMapping("claude-haiku-*", scenario="background"),
        ModelMapping("*-thinker", concept="think"),
        ModelMapping("gpt-4o*", target=Target("openai", "gpt-4o")),
    )
    assert role.model_exclusions == {"openrouter": ("*-preview",)}
    assert (role.long_context_threshold, role.plain_model) == (30_000, "honour")
    assert role.trigger_threshold == 0.4


def test_a_name_is_enough() -> None:
    role, found = read_role("name: Plain", "roles/plain.yaml")
    assert not found
    assert role is not None
    assert (role.kg, role.haystacks, role.phases) == (("kg",), (), DEFAULT_PHASES)
    assert role.trigger_threshold is None


def test_a_budget_weights_and_thresholds_reach_the_role() -> None:
    text = """
name: A
budget: {daily_usd: 5, monthly_usd: 60.5, when_spent: free}
weights: {cost: 2, latency: 0}
performance: {min_samples: 5, max_first_token: 1.5, explore: 0.05}
"""
    role, found = read_role(text, "roles/a.yaml")
    assert not found
    assert role is not None
    assert role.budget == Budget(5.0, 60.5, "free")
    assert role.weights == {"cost": 2, "latency": 0}
    assert role.performance == Performance(min_samples=5, max_first_token=1.5, explore=0.05)


def test_a_role_without_these_keys_has_no_budget_and_the_defaults_that_the_docs_name() -> None:
    role, _ = read_role("name: A", "roles/a.yaml")
    assert role is not None
    assert (role.budget, role.weights, role.performance) == (None, {}, Performance())


def test_an_unknown_phase_is_named_with_what_was_probably_meant() -> None:
    (found,) = problems("name: A\nphases: [explicit, patern]\n")
    assert (found.code, found.line, found.column) == ("RG101", 2, 20)
    assert found.hint == 'did you mean "pattern"?'


@pytest.mark.parametrize(
    ("text", "code", "place", "hint"),
    [
        ("name: A\nscenario: {}\n", "RG102", (2, 1), 'did you mean "scenarios"?'),
        ("name: A\nscenarios: {thnk: [a, b]}\n", "RG102", (2, 13), 'did you mean "think"?'),
        ("shortname: a\n", "RG101", (1, 1), ""),
        ("name: A\nmodel_mappings:\n  - {from: x, to: somewhere}\n", "RG101", (3, 19), ""),
        ("name: A\ntriggers: {threshold: 2}\n", "RG101", (2, 23), ""),
        ("name: A\nbudget: {daily: 5}\n", "RG102", (2, 10), 'did you mean "daily_usd"?'),
        ("name: A\nbudget: {daily_usd: -1}\n", "RG101", (2, 21), ""),
        ("name: A\nweights: {cost: .inf}\n", "RG101", (2, 17), ""),
        ("name: A\nperformance: {min_samples: 0}\n", "RG101", (2, 28), ""),
        ("name: [\n", "RG100", (2, 1), ""),
    ],
)
def test_what_is_wrong_is_said_at_its_line_and_column(
    text: str, code: str, place: tuple[int, int], hint: str
) -> None:
    role, (found,) = read_role(text, "roles/coder.yaml")
    assert role is None
    assert (found.code, (found.line, found.column), found.hint) == (code, place, hint)


def test_everything_wrong_is_said_at_once() -> None:
    text = "nmae: A\nstrategy: fastest\nkg: routing\n"
    assert len(problems(text)) == 4


def test_every_key_of_the_schema_says_what_it_means() -> None:
    properties = RoleFile.model_json_schema()["properties"]
    assert {name for name, schema in properties.items() if not schema.get("description")} == set()
