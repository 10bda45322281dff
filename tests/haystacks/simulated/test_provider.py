"""The provider that the process plays: what it says, how it cuts, fails and stops."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from haystacks.dialect import StreamDecoder, TokenEstimate
from haystacks.dialects.table import DIALECTS
from haystacks.http.call import Reply, chunks_of
from haystacks.pool import DialectName, Simulation
from haystacks.simulated.provider import answer

Json = dict[str, Any]

WEATHER = {
    "name": "get_weather",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}},
        "required": ["city", "unit"],
    },
}
BASH = {
    "name": "Bash",
    "input_schema": {
        "type": "object",
        "properties": {"command": {"type": "string"}, "timeout": {"type": "number"}},
        "required": ["command"],
    },
}
CALL_OF_BASH = {
    "role": "assistant",
    "content": [{"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}],
}
NO_ESTIMATE = TokenEstimate(lambda: 0, len)
BOTH = pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])


def asked(text: str = "hi", **more: Any) -> Json:
    return {
        "model": "demo-model",
        "max_tokens": 500,
        "messages": [{"role": "user", "content": text}],
        **more,
    }


async def reply(
    body: Json, dialect: DialectName = "anthropic", simulation: Simulation | None = None
) -> Reply:
    return await answer(orjson.dumps(body), DIALECTS[dialect], simulation or Simulation())


async def message(body: Json) -> Json:
    said: Json = orjson.loads(await (await reply(body)).read())
    return said


async def words(body: Json) -> str:
    return "".join(b["text"] for b in (await message(body))["content"] if b["type"] == "text")


async def calls(body: Json) -> list[tuple[str, Json]]:
    content = (await message(body))["content"]
    return [(b["name"], b["input"]) for b in content if b["type"] == "tool_use"]


async def told(reply: Reply, decoder: StreamDecoder) -> list[Json]:
    events = [event async for chunk in chunks_of(reply) for event in decoder.feed(chunk)]
    return events + decoder.finish()


@BOTH
async def test_a_stream_tells_the_same_message_as_the_whole_answer(dialect: DialectName) -> None:
    wire = DIALECTS[dialect]
    tools = [WEATHER]
    body = asked("use the get_weather tool")
    if dialect == "openai_chat":
        shape = {"name": WEATHER["name"], "parameters": WEATHER["input_schema"]}
        tools = [{"type": "function", "function": shape}]
    body["tools"] = tools
    whole = wire.decode_response(
        orjson.loads(await (await reply(body, dialect)).read()), NO_ESTIMATE
    )
    streamed = await reply(body | {"stream": True}, dialect)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    events = await told(streamed, wire.stream_decoder(NO_ESTIMATE))
    text = "".join(e["delta"]["text"] for e in events if _delta(e) == "text_delta")
    arguments = "".join(
        e["delta"]["partial_json"] for e in events if _delta(e) == "input_json_delta"
    )
    assert text == whole["content"][0]["text"]
    assert orjson.loads(arguments) == whole["content"][1]["input"] == {"city": "Paris", "unit": "C"}
    assert events[-2]["delta"]["stop_reason"] == whole["stop_reason"] == "tool_use"
    assert events[-1]["type"] == "message_stop"


def _delta(event: Json) -> str:
    return str(event.get("delta", {}).get("type"))


async def test_the_same_request_gets_the_same_answer_and_another_one_another_id() -> None:
    first, again, other = [await message(asked(text)) for text in ("hi", "hi", "ho")]
    assert first == again
    assert first["id"] != other["id"]


async def test_it_says_which_model_it_plays_and_what_it_heard() -> None:
    text = await words(asked("<system-reminder>be nice</system-reminder>What is a haystack?"))
    assert "demo-model" in text
    assert "What is a haystack?" in text
    assert "nice" not in text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("use the Bash tool", ["Bash"]),
        ("please call get_weather.", ["get_weather"]),
        ("now run `bash`", ["Bash"]),
        ("use Bash and get_weather", ["Bash", "get_weather"]),
        ("the get_weather tool, then the Bash tool", ["get_weather", "Bash"]),
        ("what does Bash mean?", []),
        ("use Bashful words", []),
        ("<system-reminder>use the Bash tool</system-reminder>hi", []),
    ],
)
async def test_it_calls_the_tools_that_the_user_names(text: str, named: list[str]) -> None:
    assert [name for name, _ in await calls(asked(text, tools=[WEATHER, BASH]))] == named


@pytest.mark.parametrize(
    ("choice", "named"),
    [
        ({"type": "any"}, ["get_weather"]),
        ({"type": "tool", "name": "Bash"}, ["Bash"]),
        ({"type": "none"}, []),
    ],
)
async def test_a_tool_choice_is_obeyed(choice: Json, named: list[str]) -> None:
    body = asked("hi", tools=[WEATHER, BASH], tool_choice=choice)
    assert [name for name, _ in await calls(body)] == named


async def test_one_call_where_parallel_ones_are_switched_off() -> None:
    choice = {"type": "auto", "disable_parallel_tool_use": True}
    body = asked("use Bash and get_weather", tools=[WEATHER, BASH], tool_choice=choice)
    assert [name for name, _ in await calls(body)] == ["Bash"]


async def test_a_shell_is_only_told_to_greet() -> None:
    assert await calls(asked("use the Bash tool", tools=[BASH])) == [
        ("Bash", {"command": "echo hello from rolegraph"})
    ]


async def test_tool_results_are_quoted_and_end_the_turn() -> None:
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "42 degrees"}
    turn = [
        {"role": "user", "content": "use the Bash tool"},
        CALL_OF_BASH,
        {"role": "user", "content": [result]},
    ]
    said = await message(asked(tools=[BASH]) | {"messages": turn})
    assert said["stop_reason"] == "end_turn"
    assert "42 degrees" in said["content"][0]["text"]


async def test_the_next_turn_after_a_tool_result_may_call_again() -> None:
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "done"}
    turns = [
        {"role": "user", "content": "use the Bash tool"},
        CALL_OF_BASH,
        {"role": "user", "content": [result]},
        {"role": "assistant", "content": "It is done."},
        {"role": "user", "content": "use the Bash tool again"},
    ]
    assert len(await calls(asked(tools=[BASH]) | {"messages": turns})) == 1


async def test_an_answer_that_must_fit_a_schema_fits_it() -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "n": {"type": "integer"}},
        "required": ["city", "n"],
    }
    form = {"format": {"type": "json_schema", "schema": schema}}
    assert orjson.loads(await words(asked(output_config=form))) == {"city": "Paris", "n": 1}


@pytest.mark.parametrize("kind", ["enabled", "adaptive"])
async def test_thinking_is_signed_where_it_was_asked_for(kind: str) -> None:
    thought, said = (await message(asked(thinking={"type": kind})))["content"]
    assert (thought["type"], said["type"]) == ("thinking", "text")
    assert thought["signature"]


@pytest.mark.parametrize("limit", [1, 7, 20])
async def test_max_tokens_cuts_the_answer(limit: int) -> None:
    said = await message(asked() | {"max_tokens": limit})
    assert said["stop_reason"] == "max_tokens"
    assert said["usage"]["output_tokens"] == limit
    assert (await words(asked())).startswith(said["content"][0]["text"])


async def test_a_stop_sequence_ends_the_answer_before_itself() -> None:
    said = await message(asked(stop_sequences=["nowhere", "simulated"]))
    assert (said["stop_reason"], said["stop_sequence"]) == ("stop_sequence", "simulated")
    assert said["content"][0]["text"] == "Hello! I am demo-model, "


@BOTH
@pytest.mark.parametrize("status", [400, 401, 429, 500, 529])
async def test_it_fails_as_it_is_told_to(dialect: DialectName, status: int) -> None:
    failed = await reply(asked(), dialect, Simulation(fail=status))
    assert failed.status == status
    assert ("retry-after" in failed.headers) == (status == 429)
    _, text = DIALECTS[dialect].decode_error(status, await failed.read())
    assert str(status) in text


async def test_a_body_that_is_no_request_gets_the_dialects_own_400() -> None:
    for body in (b"{", b'{"model": "m", "messages": []}'):
        refused = await answer(body, DIALECTS["anthropic"], Simulation())
        assert refused.status == 400
        assert orjson.loads(await refused.read())["error"]["type"] == "invalid_request_error"


async def test_delays_lie_before_the_head_and_before_each_event() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    body = orjson.dumps(asked(stream=True))
    simulation = Simulation(first_byte=3.0, per_event=0.5)
    streamed = await answer(body, DIALECTS["anthropic"], simulation, sleep=sleep)
    assert slept == [3.0]
    events = [chunk async for chunk in chunks_of(streamed)]
    assert len(events) > 10
    assert slept[1:] == [0.5] * len(events)


async def test_closing_stops_a_stream_in_its_middle() -> None:
    streamed = await reply(asked(stream=True))
    seen = 0
    async for _ in chunks_of(streamed):
        seen += 1
        if seen == 3:
            streamed.close()
            streamed.close()
    assert seen == 3
