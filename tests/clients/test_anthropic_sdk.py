"""Anthropic's own Python SDK can't tell the proxy from Anthropic, whoever answers behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anthropic
import pytest
from anthropic.types import MessageParam, ToolParam

from tests.clients.picture import BASE64, LINK
from tests.clients.proxied import DIALECTS, NAMING_DIALECTS, proxied
from tests.clients.tool_results import results
from tests.standin import Answer, Behaviour, Script, Seen, StandIn, ToolCall

pytestmark = pytest.mark.client

HELLO: list[MessageParam] = [{"role": "user", "content": "hello"}]
WEATHER: ToolParam = {
    "name": "weather",
    "description": "Tell the weather.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
CALLS = (
    ToolCall("weather", {"city": "Øslo"}, "toolu_1"),
    ToolCall("weather", {"city": 'the "other" city'}, "toolu_2"),
)
FULL = Answer(text="Let me look.", calls=CALLS, thinking="Which city?")


@asynccontextmanager
async def asking(
    folder: Path, script: Script, dialect: str
) -> AsyncIterator[tuple[anthropic.AsyncAnthropic, StandIn]]:
    """Yield the SDK's client of a proxy, and the provider behind it."""
    async with (
        proxied(folder, script, dialect) as (proxy, upstream),
        anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k", max_retries=0) as client,
    ):
        yield client, upstream


def told(message: anthropic.types.Message) -> dict[str, object]:
    """Return what a message says, apart from what not every wire format can carry."""
    dumped = [block.model_dump(exclude_none=True) for block in message.content]
    content = [block for block in dumped if block.get("thinking") != ""]  # a bare signature
    for block in content:
        block.pop("signature", None)
        block.pop("caller", None)
        block.pop("id", None)
    counts = (message.usage.input_tokens, message.usage.output_tokens)
    return {"content": content, "stop": message.stop_reason, "tokens": counts}


EXPECTED = {
    "content": [
        {"type": "thinking", "thinking": "Which city?"},
        {"type": "text", "text": "Let me look."},
        *({"type": "tool_use", "name": c.name, "input": c.input} for c in CALLS),
    ],
    "stop": "tool_use",
    "tokens": (25, 12),
}


@DIALECTS
async def test_a_whole_message_holds_everything_that_was_said(tmp_path: Path, dialect: str) -> None:
    async with asking(tmp_path, [FULL], dialect) as (client, _):
        message = await client.messages.create(
            model="auto", max_tokens=64, messages=HELLO, tools=[WEATHER]
        )
    assert told(message) == EXPECTED
    assert message._request_id is not None
    assert message._request_id.startswith("req_")


@NAMING_DIALECTS
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_the_names_of_calls_and_the_cached_tokens_are_the_providers(
    tmp_path: Path, dialect: str, *, streamed: bool
) -> None:
    answer = Answer(calls=CALLS, cached_tokens=7)
    async with asking(tmp_path, [answer], dialect) as (client, _):
        if streamed:
            async with client.messages.stream(
                model="auto", max_tokens=64, messages=HELLO, tools=[WEATHER]
            ) as stream:
                message: Any = await stream.get_final_message()
        else:
            message = await client.messages.create(
                model="auto", max_tokens=64, messages=HELLO, tools=[WEATHER]
            )
    ids = [block.id for block in message.content if block.type == "tool_use"]
    assert ids == [call.id for call in CALLS]
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (25, 7)


@DIALECTS
async def test_a_streamed_message_adds_up_to_the_whole_one(tmp_path: Path, dialect: str) -> None:
    async with asking(tmp_path, [FULL], dialect) as (client, _):
        async with client.messages.stream(
            model="auto", max_tokens=64, messages=HELLO, tools=[WEATHER]
        ) as stream:
            text = "".join([piece async for piece in stream.text_stream])
            message = await stream.get_final_message()
        assert stream.request_id is not None
    assert text == "Let me look."
    assert told(message) == EXPECTED


@DIALECTS
async def test_the_sync_client_works_too(tmp_path: Path, dialect: str) -> None:
    def ask(url: str) -> str:
        with (
            anthropic.Anthropic(base_url=url, api_key="k", max_retries=0) as client,
            client.messages.stream(model="auto", max_tokens=64, messages=HELLO) as stream,
        ):
            return stream.get_final_text()

    async with proxied(tmp_path, [Answer(text="hello to you")], dialect) as (proxy, _):
        assert await asyncio.to_thread(ask, proxy.url) == "hello to you"


@DIALECTS
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_its_tool_runner_finishes_a_loop(
    tmp_path: Path, dialect: str, *, streamed: bool
) -> None:
    @anthropic.beta_async_tool
    async def weather(city: str) -> str:
        """Tell the weather."""
        return f"sunny in {city}"

    def script(seen: Seen) -> Behaviour:
        return Answer(text="Sunny.") if "sunny in" in seen.raw.decode() else Answer(calls=CALLS)

    async with asking(tmp_path, script, dialect) as (client, upstream):
        runner: Any = client.beta.messages.tool_runner(
            model="auto",
            max_tokens=64,
            messages=[{"role": "user", "content": "hello"}],
            tools=[weather],
            stream=streamed,
        )
        last = await runner.until_done()
    assert [block.text for block in last.content if block.type == "text"] == ["Sunny."]
    assert len(upstream.requests) == 2
    assert results(upstream.requests[-1]) == ["sunny in Øslo", 'sunny in the "other" city']


@NAMING_DIALECTS
async def test_pictures_arrive_by_value_and_by_address(tmp_path: Path, dialect: str) -> None:
    async with asking(tmp_path, [Answer()], dialect) as (client, upstream):
        await client.messages.create(
            model="auto",
            max_tokens=64,
            messages=[
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "image",
                            "source": {
                                "type": "base64",
                                "media_type": "image/png",
                                "data": BASE64,
                            },
                        },
                        {"type": "image", "source": {"type": "url", "url": LINK}},
                        {"type": "text", "text": "What are these?"},
                    ],
                }
            ],
        )
    parts = upstream.requests[0].body["messages"][0]["content"]
    if dialect == "anthropic":
        assert [part["source"].get("data") for part in parts[:2]] == [BASE64, None]
        assert parts[1]["source"]["url"] == LINK
    else:
        urls = [part["image_url"]["url"] for part in parts[:2]]
        assert urls == [f"data:image/png;base64,{BASE64}", LINK]
    assert parts[2]["text"] == "What are these?"


async def test_tokens_are_counted_without_a_call_upstream(tmp_path: Path) -> None:
    async with asking(tmp_path, [Answer()], "anthropic") as (client, upstream):
        count = client.messages.count_tokens
        bare = await count(model="auto", messages=HELLO)
        more = await count(model="auto", messages=HELLO, system="Be kind.", tools=[WEATHER])
    assert 0 < bare.input_tokens < more.input_tokens
    assert upstream.requests == []
