"""``client.responses`` of OpenAI's own Python SDK can't tell the proxy from OpenAI."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import orjson
import pytest
from openai.types.responses import FunctionToolParam, Response
from pydantic import BaseModel

from haystacks.dialects.openai_responses.output_items import reasoning_item
from tests.clients.picture import BASE64
from tests.clients.proxied import DIALECTS, proxied
from tests.clients.tool_results import results
from tests.running import SERVICES
from tests.standin import Answer, Behaviour, DieMidStream, Script, Seen, StandIn, Status, ToolCall

pytestmark = pytest.mark.client

WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "description": "Tell the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": False,
}
CALLS = (
    ToolCall("weather", {"city": "Øslo"}, "call_1"),
    ToolCall("weather", {"city": 'the "other" city'}, "call_2"),
)
FULL = Answer(text="Let me look.", calls=CALLS, thinking="Which city?")
EXPECTED = {
    "thinking": ["Which city?"],
    "text": "Let me look.",
    "calls": [(call.name, call.input) for call in CALLS],
    "status": "completed",
    "tokens": (25, 12),
}


@asynccontextmanager
async def asking(
    folder: Path, script: Script, dialect: str
) -> AsyncIterator[tuple[openai.AsyncOpenAI, StandIn]]:
    """Yield the SDK's client of a proxy, and the provider behind it."""
    async with (
        proxied(folder, script, dialect) as (proxy, upstream),
        openai.AsyncOpenAI(base_url=f"{proxy.url}/v1", api_key="k", max_retries=0) as client,
    ):
        yield client, upstream


def told(response: Response) -> dict[str, object]:
    """Return what an answer says, apart from what not every wire format can carry."""
    thoughts = [item for item in response.output if item.type == "reasoning"]
    calls = [item for item in response.output if item.type == "function_call"]
    assert response.usage is not None
    return {
        "thinking": [part.text for item in thoughts for part in item.summary],
        "text": response.output_text,
        "calls": [(call.name, orjson.loads(call.arguments)) for call in calls],
        "status": response.status,
        "tokens": (response.usage.input_tokens, response.usage.output_tokens),
    }


@DIALECTS
async def test_a_whole_response_holds_everything_that_was_said(
    tmp_path: Path, dialect: str
) -> None:
    async with asking(tmp_path, [FULL], dialect) as (client, _):
        response = await client.responses.create(model="auto", input="hello", tools=[WEATHER])
    assert told(response) == EXPECTED
    assert response._request_id is not None
    assert response._request_id.startswith("req_")


@DIALECTS
async def test_a_streamed_response_adds_up_to_the_whole_one(tmp_path: Path, dialect: str) -> None:
    async with (
        asking(tmp_path, [FULL], dialect) as (client, _),
        client.responses.stream(model="auto", input="hello", tools=[WEATHER]) as stream,
    ):
        events = [event async for event in stream]
        response = await stream.get_final_response()
    pieces = [each.delta for each in events if each.type == "response.output_text.delta"]
    assert "".join(pieces) == "Let me look."
    assert len(pieces) > 1
    assert told(response) == EXPECTED
    assert [each.sequence_number for each in events] == list(range(len(events)))


@DIALECTS
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_a_tool_loop_comes_to_its_end(
    tmp_path: Path, dialect: str, *, streamed: bool
) -> None:
    def script(seen: Seen) -> Behaviour:
        return Answer(text="Sunny.") if results(seen) else FULL

    async def ask(client: openai.AsyncOpenAI, items: list[Any]) -> Response:
        if not streamed:
            return await client.responses.create(model="auto", input=items, tools=[WEATHER])
        async with client.responses.stream(model="auto", input=items, tools=[WEATHER]) as stream:
            return await stream.get_final_response()

    async with asking(tmp_path, script, dialect) as (client, upstream):
        items: list[Any] = [{"role": "user", "content": "hello"}]
        asked = await ask(client, items)
        items += asked.output
        for item in asked.output:
            if item.type == "function_call":
                city = orjson.loads(item.arguments)["city"]
                output = {"call_id": item.call_id, "output": f"sunny in {city}"}
                items.append({"type": "function_call_output", **output})
        last = await ask(client, items)
    assert last.output_text == "Sunny."
    assert results(upstream.requests[-1]) == ["sunny in Øslo", 'sunny in the "other" city']


@DIALECTS
async def test_a_custom_tool_gets_the_text_that_the_model_wrote(
    tmp_path: Path, dialect: str
) -> None:
    answer = Answer(text="", calls=(ToolCall("note", {"input": 'a "line"\n'}, "call_1"),))
    async with asking(tmp_path, [answer], dialect) as (client, _):
        response = await client.responses.create(
            model="auto", input="hello", tools=[{"type": "custom", "name": "note"}]
        )
    item = response.output[-1]  # Gemini's signature stands before it
    assert item.type == "custom_tool_call"
    assert (item.name, item.input) == ("note", 'a "line"\n')


@DIALECTS
async def test_a_model_of_ones_own_is_parsed_from_the_answer(tmp_path: Path, dialect: str) -> None:
    class Weather(BaseModel):
        city: str
        degrees: int

    answer = Answer(text='{"city":"Bern","degrees":12}')
    async with asking(tmp_path, [answer], dialect) as (client, upstream):
        response = await client.responses.parse(model="auto", input="hello", text_format=Weather)
    assert response.output_parsed == Weather(city="Bern", degrees=12)
    assert b'"degrees"' in upstream.requests[0].raw, "the provider is told of the schema"


@DIALECTS
async def test_pictures_arrive(tmp_path: Path, dialect: str) -> None:
    picture = {"type": "input_image", "image_url": f"data:image/png;base64,{BASE64}"}
    content: Any = [{"type": "input_text", "text": "What is this?"}, picture]
    async with asking(tmp_path, [Answer()], dialect) as (client, upstream):
        await client.responses.create(model="auto", input=[{"role": "user", "content": content}])
    assert BASE64.encode() in upstream.requests[0].raw


@DIALECTS
async def test_a_response_that_was_cut_off_says_so(tmp_path: Path, dialect: str) -> None:
    async with asking(tmp_path, [Answer(stop="max_tokens")], dialect) as (client, _):
        response = await client.responses.create(model="auto", input="hello")
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"


async def test_claudes_thinking_returns_with_its_signature(tmp_path: Path) -> None:
    async with asking(tmp_path, [FULL], "anthropic") as (client, upstream):
        first = await client.responses.create(model="auto", input="hello", tools=[WEATHER])
        items: Any = [{"role": "user", "content": "hello"}, *first.output]
        outputs = {"type": "function_call_output", "output": "sunny"}
        items += [{**outputs, "call_id": call.id} for call in CALLS]
        await client.responses.create(model="auto", input=items, tools=[WEATHER])
    thought, *_ = upstream.requests[-1].body["messages"][1]["content"]
    expected = {"type": "thinking", "thinking": "Which city?", "signature": FULL.signature}
    assert thought == expected


@pytest.mark.parametrize("signature", ["c2lnbmVk", ""], ids=["signed", "unsigned"])
async def test_w29_another_providers_thinking_never_goes_to_openai(
    tmp_path: Path, signature: str
) -> None:
    """The history holds another provider's reasoning -> OpenAI gets its own alone."""
    native = {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "gAAA"}
    foreign = reasoning_item("rs_1", "Which city?", signature)
    items: Any = [{"role": "user", "content": "hello"}, foreign, native]
    async with asking(tmp_path, [Answer()], "openai_responses") as (client, upstream):
        raw = await client.responses.with_raw_response.create(model="auto", input=items)
    assert upstream.requests[0].body["input"] == [items[0], native]
    assert raw.headers["x-rolegraph-adapted"] == "another provider's thinking removed"


@pytest.mark.parametrize("dialect", [each for each in SERVICES if each != "openai_responses"])
async def test_a_stream_that_dies_midway_ends_in_a_failed_response(
    tmp_path: Path, dialect: str
) -> None:
    async with asking(tmp_path, [DieMidStream(after=6)], dialect) as (client, upstream):
        stream = await client.responses.create(model="auto", input="hello", stream=True)
        events = [event async for event in stream]
    assert events[-1].type == "response.failed"
    assert events[-1].response.error is not None
    assert len(upstream.requests) == 1


async def test_a_native_stream_that_dies_midway_raises_instead_of_ending(tmp_path: Path) -> None:
    async with asking(tmp_path, [DieMidStream(after=6)], "openai_responses") as (client, _):
        stream = await client.responses.create(model="auto", input="hello", stream=True)
        with pytest.raises(openai.APIError, match="broke"):
            [event async for event in stream]


@DIALECTS
async def test_an_error_of_the_provider_is_the_sdks_own_error_class(
    tmp_path: Path, dialect: str
) -> None:
    async with asking(tmp_path, [Status(400, "no such thing")], dialect) as (client, _):
        with pytest.raises(openai.BadRequestError, match="no such thing"):
            await client.responses.create(model="auto", input="hello")


@DIALECTS
async def test_a_stored_conversation_is_taken_up_by_a_native_provider_alone(
    tmp_path: Path, dialect: str
) -> None:
    async with asking(tmp_path, [Answer()], dialect) as (client, upstream):
        asking_on = client.responses.create(
            model="auto", input="and then?", previous_response_id="resp_1"
        )
        if dialect == "openai_responses":
            await asking_on
            assert upstream.requests[0].body["previous_response_id"] == "resp_1"
        else:
            with pytest.raises(openai.BadRequestError, match="previous_response_id"):
                await asking_on
            assert not upstream.requests


async def test_where_both_sides_speak_alike_nothing_changes_but_the_models_name(
    tmp_path: Path,
) -> None:
    told = b'{"model": "auto",  "input":"hi" , "stream": true, "of_tomorrow": {"n": 1.50}}'
    async with proxied(tmp_path, [FULL], "openai_responses") as (proxy, upstream):
        async with proxy.client() as client:
            answer = await client.post("/v1/responses", content=told)
    assert upstream.requests[0].raw == told.replace(b"auto", b"plain-model")
    assert answer.content == b"".join(FULL.frames(upstream.requests[0]))
