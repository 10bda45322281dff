"""Anthropic's SDK leaves conversations to Anthropic; elsewhere each request brings its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anthropic
import pytest

from tests.clients.proxied import DIALECTS, proxied
from tests.standin import Answer, Behaviour, Seen, ToolCall

pytestmark = pytest.mark.client

CALL = ToolCall("weather", {"city": "Bern"}, "toolu_1")


@DIALECTS
async def test_a_thread_is_kept_by_anthropic_and_by_no_other_provider(
    tmp_path: Path, dialect: str
) -> None:
    @anthropic.beta_async_tool
    async def weather(city: str) -> str:
        """Tell the weather."""
        return f"sunny in {city}"

    def script(seen: Seen) -> Behaviour:
        return Answer(text="Sunny.") if b"sunny in" in seen.raw else Answer(calls=(CALL,))

    async with (
        proxied(tmp_path, script, dialect) as (proxy, upstream),
        anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k", max_retries=0) as client,
    ):
        runner: Any = client.beta.messages.tool_runner(
            model="auto",
            max_tokens=64,
            messages=[{"role": "user", "content": "How is Bern?"}],
            tools=[weather],
        )
        await runner.until_done()
    first, last = upstream.requests
    assert (b'"thread"' in first.raw) == (dialect == "anthropic")
    assert (b"How is Bern?" in last.raw) == (dialect != "anthropic")
