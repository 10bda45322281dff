"""A budget counts what has a price: what has none is told."""

from roles.check_budget import check_budget
from tests.roles.world import HAYSTACKS, role

BUDGET = "budget: {daily_usd: 5}"


def found(text: str) -> list[str]:
    return [str(problem) for problem in check_budget(role(text), HAYSTACKS)]


def test_models_without_a_price_are_named_at_the_budget() -> None:
    (told,) = found(f"haystacks: [openrouter]\n{BUDGET}")
    assert told.startswith("roles/tester.yaml:3:1 RG117")
    assert "openrouter,sonar" in told
    assert "sonnet" not in told


def test_a_model_that_only_a_scenario_names_counts_too() -> None:
    (told,) = found(f"haystacks: [deepseek]\n{BUDGET}\nscenarios: {{image: [local, new]}}")
    assert "local,new" in told


def test_where_every_price_is_known_nothing_is_said() -> None:
    assert found(f"haystacks: [deepseek]\n{BUDGET}") == []


def test_without_a_budget_no_price_is_asked_for() -> None:
    assert found("haystacks: [openrouter]") == []
