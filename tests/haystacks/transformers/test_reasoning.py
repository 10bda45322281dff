from __future__ import annotations

import pytest

from haystacks.dialect import Json
from haystacks.pool import DialectName
from haystacks.transformer import NO_KNOWLEDGE
from tests.haystacks.transformers.made import sent, transformer

ASKED = {"thinking": {"type": "enabled", "budget_tokens": 4000}}


def test_asked_thinking_is_asked_of_the_provider_in_its_words() -> None:
    assert sent("reasoning", {}, asked=ASKED) == {
        "thinking": {"type": "enabled", "budget_tokens": 4000},
        "enable_thinking": True,
    }
    adaptive = {"thinking": {"type": "adaptive"}}
    assert sent("reasoning", {}, asked=adaptive)["thinking"] == {"type": "enabled"}


@pytest.mark.parametrize("asked", [{}, {"thinking": {"type": "disabled"}}])
def test_thinking_that_nobody_asked_for_is_not_switched_on(asked: Json) -> None:
    body: Json = {"model": "m"}
    assert sent("reasoning", body, asked=asked) is body


@pytest.mark.parametrize(
    ("dialect", "off"),
    [
        ("openai_chat", {"thinking": {"type": "disabled"}, "enable_thinking": False}),
        ("anthropic", {"thinking": {"type": "disabled"}}),
        ("ollama", {"think": False}),
    ],
)
def test_it_can_be_switched_off(dialect: DialectName, off: Json) -> None:
    body = {"thinking": {"type": "enabled"}, "think": True}
    assert sent("reasoning", body, {"enable": False}, dialect=dialect, asked=ASKED) == {
        **body,
        **off,
    }


def test_forcereasoning_gives_its_order_behind_everything_and_leaves_a_prefill_alone() -> None:
    made = transformer("forcereasoning")
    assert made.request is not None

    def ordered(*messages: Json) -> Json:
        assert made.request is not None
        last: Json = made.request({"messages": list(messages)}, NO_KNOWLEDGE)["messages"][-1]
        return last

    spoken = ordered({"role": "user", "content": "why?"})
    assert spoken["content"][0] == {"type": "text", "text": "why?"}
    assert "<reasoning_content>" in spoken["content"][1]["text"]
    result = {"type": "tool_result", "tool_use_id": "t", "content": "42"}
    assert ordered({"role": "user", "content": [result]})["content"][0] == result
    prefill = {"role": "assistant", "content": "{"}
    assert ordered({"role": "user", "content": "x"}, prefill) is prefill
