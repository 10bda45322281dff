from __future__ import annotations

from typing import Any

import pytest

from haystacks.dialect import Json
from haystacks.message_events import message_events
from haystacks.transformer import NO_KNOWLEDGE
from haystacks.transformers.tooluse import EXIT
from tests.haystacks.dialects.event_order import told
from tests.haystacks.transformers.made import (
    answered,
    call,
    message,
    streamed,
    text,
    transformer,
)

TOOLS = [{"name": "read", "input_schema": {"type": "object"}}]


def asked(**more: Any) -> Json:
    return {"messages": [{"role": "user", "content": "go"}], **more}


def insisted(canonical: Json) -> Json:
    made = transformer("tooluse")
    assert made.request is not None
    return made.request(canonical, NO_KNOWLEDGE)


def test_a_call_is_forced_and_a_way_out_is_offered() -> None:
    canonical = asked(tools=TOOLS, thinking={"type": "adaptive"})
    sent = insisted(canonical)
    assert sent["tool_choice"] == {"type": "any"}
    assert [tool["name"] for tool in sent["tools"]] == ["read", EXIT]
    assert "thinking" not in sent
    assert EXIT in sent["messages"][0]["content"][-1]["text"]
    assert canonical == asked(tools=TOOLS, thinking={"type": "adaptive"})


@pytest.mark.parametrize(
    "canonical",
    [
        asked(),
        asked(tools=[]),
        asked(tools=TOOLS, tool_choice={"type": "none"}),
        asked(tools=TOOLS, tool_choice={"type": "tool", "name": "read"}),
        asked(tools=[*TOOLS, {"name": EXIT}]),
    ],
)
def test_without_a_free_choice_among_tools_nothing_changes(canonical: Json) -> None:
    assert insisted(canonical) is canonical


ANSWERS = pytest.mark.parametrize(
    ("content", "after", "stop"),
    [
        ([call(EXIT, {"response": "Done."})], [text("Done.")], "end_turn"),
        (
            [text("a"), call(EXIT, {"response": "b"}), call("read", {"f": 1})],
            [text("a"), text("b"), call("read", {"f": 1})],
            "tool_use",
        ),
        ([call(EXIT, {"reply": "x"})], [text('{"reply":"x"}')], "end_turn"),
        ([call("read", {"f": 1})], [call("read", {"f": 1})], "tool_use"),
    ],
)


@ANSWERS
def test_the_way_out_is_read_as_words(content: list[Json], after: list[Json], stop: str) -> None:
    made = answered("tooluse", *content, stop="tool_use")
    assert (made["content"], made["stop_reason"]) == (after, stop)


@ANSWERS
def test_and_so_it_is_in_a_stream(content: list[Json], after: list[Json], stop: str) -> None:
    events = list(message_events(message(*content, stop="tool_use")))
    heard = told(streamed("tooluse", events))
    plain = [b if b["type"] == "text" else {**b, "input": {"f": 1}} for b in heard["content"]]
    assert (plain, heard["stop_reason"]) == (after, stop)


def test_arguments_that_are_no_json_are_what_was_meant_to_be_said() -> None:
    events = list(message_events(message(call(EXIT, {}), stop="tool_use")))
    events[2]["delta"]["partial_json"] = "All done"
    assert told(streamed("tooluse", events))["content"] == [text("All done")]
