"""What a model or a provider can do, and where the rest goes: W47 to W51."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.running import haystack, write
from tests.standin import Answer, Seen
from tests.wire.wired import BOTH, FOREIGN, model, wired

Json = dict[str, Any]


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])
async def test_w47_max_tokens_over_the_models_limit_is_clamped(
    tmp_path: Path, dialect: str
) -> None:
    """`max_tokens` over the model's limit -> lowered to it."""
    async with wired(tmp_path, [Answer()], dialect, more=model(max_output=8192)) as wire:
        await wire.ask(max_tokens=64_000)
        await wire.ask(max_tokens=100)
    sent = [request.body["max_tokens"] for request in wire.upstream.requests]
    assert sent == [8192, 100]


@pytest.mark.parametrize("name", ["gpt-5.1", "o3-mini"])
async def test_w47_a_reasoning_model_gets_max_completion_tokens(tmp_path: Path, name: str) -> None:
    """OpenAI's reasoning models -> `max_completion_tokens` instead."""
    async with wired(tmp_path, [Answer()], "openai_chat") as wire:
        await wire.ask(model=f"second,{name}", max_tokens=100)
    assert "max_tokens" not in wire.seen.body
    assert wire.seen.body["max_completion_tokens"] == 100


SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 5}
CODE = {"type": "code_execution_20250825", "name": "code_execution"}


@pytest.mark.parametrize("tool", [SEARCH, CODE], ids=lambda tool: tool["name"])
async def test_w50_a_server_tool_goes_to_a_provider_that_has_it(tmp_path: Path, tool: Json) -> None:
    """A server tool, and the first candidate can't run it -> the next that can, as it was asked."""
    async with wired(tmp_path, [Answer(text="found")], role=BOTH) as wire:
        first = haystack("first", wire.upstream.url, "openai_chat")
        write(wire.proxy.home, "haystacks/first.yaml", first)
        async with wire.proxy.client() as http:
            assert (await http.post("/api/reload")).status_code == 200
        heard = await wire.ask(tools=[tool], tool_choice={"type": "tool", "name": tool["name"]})
    assert heard.text == "found"
    assert wire.seen.body["tools"] == [tool]
    assert len(wire.upstream.requests) == 1


async def test_w50_a_model_that_searches_by_itself_needs_no_tool(tmp_path: Path) -> None:
    """A web search for a model that can search -> left to the model, with a note."""
    more = model(capabilities="[web_search]")
    place = {"type": "approximate", "city": "Bergen"}
    async with wired(tmp_path, [Answer(text="found")], "openai_chat", more=more) as wire:
        choice = {"type": "tool", "name": "web_search"}
        heard = await wire.ask(tools=[{**SEARCH, "user_location": place}], tool_choice=choice)
    assert heard.text == "found"
    assert "web_search left to the model" in heard.adapted
    location = {"type": "approximate", "approximate": {"city": "Bergen"}}
    assert wire.seen.body["web_search_options"] == {"user_location": location}
    assert not {"tools", "tool_choice"} & wire.seen.body.keys()


@FOREIGN
@pytest.mark.parametrize("tool", [SEARCH, CODE], ids=lambda tool: tool["name"])
async def test_w50_a_server_tool_that_nobody_has_is_refused_by_name(
    tmp_path: Path, dialect: str, tool: Json
) -> None:
    """A server tool that no candidate can run -> a 400 that names it."""
    async with wired(tmp_path, [Answer()], dialect, role=BOTH) as wire:
        heard = await wire.ask(tools=[tool])
    assert (heard.status, heard.error) == (400, "invalid_request_error")
    assert tool["name"] in heard.message
    assert wire.upstream.requests == []


SESSION = {"x-claude-code-session-id": "6f1c"}
OPENAI = """
name: second
service: openai
location: {url}/v1
api_key: ["${{TEST_KEY}}", "${{TEST_KEY:-}}-2", "${{TEST_KEY:-}}-3"]
"""


async def test_w51_a_session_keeps_its_prompt_cache_key_and_its_account(tmp_path: Path) -> None:
    """A session at OpenAI -> one `prompt_cache_key` and one of our keys for all of it; a request
    without a session has none, and takes turns."""
    async with wired(tmp_path, [Answer()], "openai_chat") as wire:
        write(wire.proxy.home, "haystacks/second.yaml", OPENAI.format(url=wire.upstream.url))
        async with wire.proxy.client() as http:
            assert (await http.post("/api/reload")).status_code == 200
        for words in ("one", "two", "three"):
            await wire.ask(messages=[{"role": "user", "content": words}], headers=SESSION)
        await wire.ask(headers={"x-claude-code-session-id": "another"})
        for _ in range(3):
            await wire.ask()
    *own, other, first, second, third = wire.upstream.requests
    assert len({cache_key(request) for request in own}) == 1
    assert len({request.headers["authorization"] for request in own}) == 1
    assert cache_key(other) not in {None, cache_key(own[0])}
    assert cache_key(first) is None
    assert len({request.headers["authorization"] for request in (first, second, third)}) == 3


def cache_key(request: Seen) -> str | None:
    key: str | None = request.body.get("prompt_cache_key")
    return key


@FOREIGN
async def test_w51_no_other_provider_gets_a_field_that_it_might_refuse(
    tmp_path: Path, dialect: str
) -> None:
    """A session at another provider -> no `prompt_cache_key`, which some refuse."""
    async with wired(tmp_path, [Answer()], dialect) as wire:
        await wire.ask(headers=SESSION)
    assert cache_key(wire.seen) is None
