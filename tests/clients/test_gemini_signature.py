"""Gemini's thought signatures come back through its clients, or Gemini is told of their loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anthropic
import openai
import orjson
import pytest
from openai.types.chat import ChatCompletionToolParam

from tests.clients.claude_code import ask, bash, claude_code, tool_loop
from tests.clients.proxied import proxied
from tests.clients.tool_results import results
from tests.standin import Answer, Behaviour, Seen, ToolCall

CALLS = (ToolCall("weather", {"city": "Bern"}, "w1"), ToolCall("weather", {"city": "Rome"}, "w2"))
LOST = "skip_thought_signature_validator"
MODEL = "gemini-3.8-flash"


def script(seen: Seen) -> Behaviour:
    return Answer(text="Sunny.") if results(seen) else Answer(calls=CALLS, thinking="Where?")


def signatures(seen: Seen) -> list[str | None]:
    """Return the signature of each call in a request's history."""
    parts = [part for content in seen.body["contents"] for part in content["parts"]]
    return [part.get("thoughtSignature") for part in parts if "functionCall" in part]


@pytest.mark.client
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_anthropics_tool_runner_brings_it_back(tmp_path: Path, *, streamed: bool) -> None:
    @anthropic.beta_async_tool
    async def weather(city: str) -> str:
        """Tell the weather."""
        return f"sunny in {city}"

    async with (
        proxied(tmp_path, script, "gemini") as (proxy, upstream),
        anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k", max_retries=0) as client,
    ):
        runner: Any = client.beta.messages.tool_runner(
            model=f"first,{MODEL}",
            max_tokens=64,
            messages=[{"role": "user", "content": "hello"}],
            tools=[weather],
            stream=streamed,
        )
        await runner.until_done()
    assert signatures(upstream.requests[-1]) == ["c3RhbmQtaW4=", None]


@pytest.mark.client
async def test_openais_messages_have_no_place_for_it(tmp_path: Path) -> None:
    function = {"name": "weather", "parameters": {"type": "object", "properties": {}}}
    tool: Any = {"type": "function", "function": function}
    tools: list[ChatCompletionToolParam] = [tool]
    async with (
        proxied(tmp_path, script, "gemini") as (proxy, upstream),
        openai.AsyncOpenAI(base_url=f"{proxy.url}/v1", api_key="k", max_retries=0) as client,
    ):
        messages: list[Any] = [{"role": "user", "content": "hello"}]
        create = client.chat.completions.create
        asked = await create(model=f"first,{MODEL}", messages=messages, tools=tools)
        messages.append(asked.choices[0].message.to_dict())
        messages += [{"role": "tool", "tool_call_id": c.id, "content": "ok"} for c in CALLS]
        last = await create(model=f"first,{MODEL}", messages=messages, tools=tools)
    assert last.choices[0].message.content == "Sunny."
    assert signatures(upstream.requests[-1]) == [LOST, None]


class TestClaudeCode:
    pytestmark = claude_code

    async def test_it_brings_it_back_too(self, tmp_path: Path) -> None:
        told = tool_loop(*bash("echo hello"), thinking="First I look around.")
        async with proxied(tmp_path, told, "gemini") as (proxy, upstream):
            ended = await ask(proxy.url, "look", tmp_path, "--model", f"first,{MODEL}")
        assert ended.said == "all done"
        assert signatures(upstream.requests[-1]) == ["c3RhbmQtaW4="]
        assert b"gemini." not in orjson.dumps(upstream.requests[-1].body["contents"])
