"""OpenAI's own Python SDK can't tell the proxy from OpenAI, whoever answers behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import openai
import orjson
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam, ChatCompletionToolParam

from tests.clients.picture import BASE64, LINK
from tests.clients.proxied import DIALECTS, NAMING_DIALECTS, proxied
from tests.clients.tool_results import results
from tests.standin import Answer, Behaviour, Script, Seen, StandIn, ToolCall

pytestmark = pytest.mark.client

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello"}]
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
CALLS = (
    ToolCall("weather", {"city": "Øslo"}, "call_1"),
    ToolCall("weather", {"city": 'the "other" city'}, "call_2"),
)
FULL = Answer(text="Let me look.", calls=CALLS)
EXPECTED = {
    "content": "Let me look.",
    "calls": [(call.name, call.input) for call in CALLS],
    "finish": "tool_calls",
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


def told(completion: ChatCompletion) -> dict[str, object]:
    """Return what an answer says, apart from what not every wire format can carry."""
    (choice,) = completion.choices
    calls = [
        (call.function.name, orjson.loads(call.function.arguments))
        for call in choice.message.tool_calls or []
        if call.type == "function"
    ]
    usage = completion.usage
    assert usage is not None
    return {
        "content": choice.message.content,
        "calls": calls,
        "finish": choice.finish_reason,
        "tokens": (usage.prompt_tokens, usage.completion_tokens),
    }


@DIALECTS
async def test_a_whole_completion_holds_everything_that_was_said(
    tmp_path: Path, dialect: str
) -> None:
    async with asking(tmp_path, [FULL], dialect) as (client, _):
        completion = await client.chat.completions.create(
            model="auto", messages=HELLO, tools=[WEATHER]
        )
    assert told(completion) == EXPECTED
    assert completion._request_id is not None
    assert completion._request_id.startswith("req_")


@NAMING_DIALECTS
async def test_the_names_of_calls_and_the_cached_tokens_are_the_providers(
    tmp_path: Path, dialect: str
) -> None:
    answer = Answer(calls=CALLS, cached_tokens=7)
    async with asking(tmp_path, [answer], dialect) as (client, _):
        completion = await client.chat.completions.create(
            model="auto", messages=HELLO, tools=[WEATHER]
        )
    calls = completion.choices[0].message.tool_calls
    assert calls is not None
    assert [call.id for call in calls] == [call.id for call in CALLS]
    usage = completion.usage
    assert usage is not None
    assert usage.prompt_tokens_details is not None
    assert (usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens) == (32, 7)


@DIALECTS
async def test_a_streamed_completion_adds_up_to_the_whole_one(tmp_path: Path, dialect: str) -> None:
    async with (
        asking(tmp_path, [FULL], dialect) as (client, _),
        client.chat.completions.stream(
            model="auto", messages=HELLO, tools=[WEATHER], stream_options={"include_usage": True}
        ) as stream,
    ):
        pieces = [event.delta async for event in stream if event.type == "content.delta"]
        completion = await stream.get_final_completion()
    assert "".join(pieces) == "Let me look."
    assert len(pieces) > 1
    assert told(completion) == EXPECTED


@DIALECTS
async def test_usage_is_streamed_to_those_who_ask_and_to_nobody_else(
    tmp_path: Path, dialect: str
) -> None:
    async with asking(tmp_path, [Answer()], dialect) as (client, _):
        plain = await client.chat.completions.create(model="auto", messages=HELLO, stream=True)
        chunks = [chunk async for chunk in plain]
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


@DIALECTS
async def test_the_sync_client_works_too(tmp_path: Path, dialect: str) -> None:
    def ask(url: str) -> str | None:
        with (
            openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client,
            client.chat.completions.stream(model="auto", messages=HELLO) as stream,
        ):
            return stream.get_final_completion().choices[0].message.content

    async with proxied(tmp_path, [Answer(text="hello to you")], dialect) as (proxy, _):
        assert await asyncio.to_thread(ask, proxy.url) == "hello to you"


@DIALECTS
async def test_a_tool_loop_comes_to_its_end(tmp_path: Path, dialect: str) -> None:
    def script(seen: Seen) -> Behaviour:
        return Answer(text="Sunny.") if "sunny in" in seen.raw.decode() else Answer(calls=CALLS)

    async with asking(tmp_path, script, dialect) as (client, upstream):
        messages = list(HELLO)
        async with client.chat.completions.stream(
            model="auto", messages=messages, tools=[WEATHER]
        ) as stream:
            asked = (await stream.get_final_completion()).choices[0].message
        messages.append(asked.to_dict())  # type: ignore[arg-type]  # how the SDK says to do it
        for call in asked.tool_calls or []:
            city = orjson.loads(call.function.arguments)["city"]
            messages.append(
                {"role": "tool", "tool_call_id": call.id, "content": f"sunny in {city}"}
            )
        last = await client.chat.completions.create(
            model="auto", messages=messages, tools=[WEATHER]
        )
    assert last.choices[0].message.content == "Sunny."
    assert results(upstream.requests[-1]) == ["sunny in Øslo", 'sunny in the "other" city']


@NAMING_DIALECTS
async def test_pictures_arrive_by_value_and_by_address(tmp_path: Path, dialect: str) -> None:
    data = f"data:image/png;base64,{BASE64}"
    async with asking(tmp_path, [Answer()], dialect) as (client, upstream):
        await client.chat.completions.create(
            model="auto",
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What are these?"},
                        {"type": "image_url", "image_url": {"url": data}},
                        {"type": "image_url", "image_url": {"url": LINK}},
                    ],
                }
            ],
        )
    _, by_value, by_address = upstream.requests[0].body["messages"][0]["content"]
    if dialect == "anthropic":
        source = {"type": "base64", "media_type": "image/png", "data": BASE64}
        assert by_value == {"type": "image", "source": source}
        assert by_address == {"type": "image", "source": {"type": "url", "url": LINK}}
    else:
        assert by_value["image_url"]["url"] == data
        assert by_address["image_url"]["url"] == LINK
