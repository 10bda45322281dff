"""Where a request goes by its kind."""

from typing import Any

import pytest

from roles.decision import Decision
from roles.role import Role
from roles.route import route
from tests.roles.world import asked, names, role, view

ALL = role(
    """
scenarios:
  default: [deepseek, chat]
  background: [local, "qwen:latest"]
  think: [[deepseek, reasoner], [openrouter, sonnet]]
  long_context: [local, long]
  web_search: [openrouter, sonar]
  image: [openrouter, sonnet]
"""
)


def kind(of: Role = ALL, **facts: Any) -> Decision:
    return route(asked("hello", **facts), view(of))


@pytest.mark.parametrize(
    ("facts", "scenario", "first"),
    [
        ({}, "default", "deepseek,chat"),
        ({"images": True, "new_images": True}, "image", "openrouter,sonnet"),
        ({"web_search": True}, "web_search", "openrouter,sonar"),
        ({"thinking": True}, "think", "deepseek,reasoner"),
        ({"model": "claude-haiku-4-5"}, "background", "local,qwen:latest"),
        (
            {"headers": {"x-claude-code-request-class": "auxiliary"}},
            "background",
            "local,qwen:latest",
        ),
        (
            {"tokens": lambda: 60_001, "token_bound": 300_000},
            "long_context",
            "local,long",
        ),
        ({"images": True, "new_images": True, "thinking": True}, "image", "openrouter,sonnet"),
        ({"thinking": True, "model": "claude-haiku-4-5"}, "think", "deepseek,reasoner"),
    ],
)
def test_the_most_demanding_kind_that_fits_decides(
    facts: dict[str, Any], scenario: str, first: str
) -> None:
    decision = kind(**facts)
    assert decision.phase == "scenario"
    assert (decision.scenario, names(decision.candidates)[0]) == (scenario, first)


def test_an_image_of_an_earlier_turn_wants_a_model_that_sees_and_not_the_scenario() -> None:
    own = role(
        "scenarios: {image: [local, eyes], default: [[deepseek, chat], [openrouter, sonnet]]}"
    )
    decision = kind(own, images=True)
    assert (decision.scenario, names(decision.candidates)) == ("default", ["openrouter,sonnet"])


def test_the_default_follows_as_the_last_resort() -> None:
    assert names(kind(thinking=True).candidates) == [
        "deepseek,reasoner",
        "openrouter,sonnet",
        "deepseek,chat",
    ]


def test_a_kind_that_the_role_does_not_name_falls_to_the_default() -> None:
    decision = kind(role("scenarios: {default: [deepseek, chat]}"), thinking=True)
    assert decision.scenario == "default"


def test_a_scenario_without_an_open_model_falls_to_the_next() -> None:
    own = role("scenarios: {think: [asleep, chat], default: [deepseek, chat]}")
    decision = kind(own, thinking=True)
    assert decision.scenario == "default"
    assert decision.trace[-1].skipped[0].candidate == "asleep,chat"


def test_a_role_without_a_default_may_use_any_of_its_models_by_its_strategy() -> None:
    own = role(haystacks="[deepseek, openrouter]", strategy="quality_first")
    assert names(kind(own).candidates) == [
        "openrouter,sonnet",
        "deepseek,reasoner",
        "deepseek,chat",
        "openrouter,sonar",
    ]


def test_only_a_detected_kind_is_sure() -> None:
    assert kind().confidence == 0
    assert kind(thinking=True).confidence == 1


def test_tokens_are_not_counted_where_the_size_of_the_body_tells_enough() -> None:
    def count() -> int:
        pytest.fail("counted")

    assert kind(tokens=count, token_bound=50_000).scenario == "default"
    assert kind(role(), tokens=count, token_bound=50_000, model="local,x").phase == "explicit"
