"""Both official SDKs raise the right error for what went wrong, and retry only what may help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from tests.clients.proxied import DIALECTS, proxied
from tests.running import Running, make_home, running
from tests.standin import DieMidStream, StandIn, Status

pytestmark = pytest.mark.client

SDKS = pytest.mark.parametrize("sdk", [anthropic, openai], ids=lambda sdk: sdk.__name__)


async def ask(sdk: Any, proxy: Running, *, model: str = "auto", stream: bool = False) -> None:
    """Send one request with an SDK, and read the answer to its end; it retries as it likes."""
    client: Any
    if sdk is anthropic:
        client = anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k")
        create = client.messages.create
    else:
        client = openai.AsyncOpenAI(base_url=f"{proxy.url}/v1", api_key="k")
        create = client.chat.completions.create
    messages = [{"role": "user", "content": "hello"}]
    async with client:
        answer = await create(model=model, max_tokens=64, messages=messages, stream=stream)
        if stream:
            async for _ in answer:
                pass


@SDKS
async def test_a_role_that_does_not_exist_is_not_found(tmp_path: Path, sdk: Any) -> None:
    async with StandIn() as upstream, running(make_home(tmp_path, upstream.url)) as proxy:
        with pytest.raises(sdk.NotFoundError, match="nobody") as raised:
            await ask(sdk, proxy, model="role:nobody")
    assert "Coder" in str(raised.value)
    assert upstream.requests == []


@SDKS
@DIALECTS
async def test_what_the_provider_refuses_is_a_bad_request_in_its_own_words(
    tmp_path: Path, sdk: Any, dialect: str
) -> None:
    words = "prompt is too long: 210000 tokens > 200000 maximum"
    async with proxied(tmp_path, [Status(400, words)], dialect) as (proxy, upstream):
        with pytest.raises(sdk.BadRequestError) as raised:
            await ask(sdk, proxy)
    assert words in raised.value.message
    assert raised.value.request_id.startswith("req_")
    assert len(upstream.requests) == 1


@SDKS
@DIALECTS
async def test_a_rate_limit_says_how_long_to_wait_and_is_tried_again(
    tmp_path: Path, sdk: Any, dialect: str
) -> None:
    limit = Status(429, headers={"retry-after-ms": "5", "retry-after": "1"})
    async with proxied(tmp_path, [limit], dialect, role="cheap") as (proxy, upstream):
        with pytest.raises(sdk.RateLimitError) as raised:
            await ask(sdk, proxy)
    assert raised.value.response.headers["retry-after"] == "1"
    assert len(upstream.requests) == 3, "the SDK tries twice more by itself"


@SDKS
@DIALECTS
async def test_when_all_candidates_failed_it_does_not_try_again(
    tmp_path: Path, sdk: Any, dialect: str
) -> None:
    async with StandIn([Status(529, "full")]) as one, StandIn([Status(500, "broken")]) as two:
        home = make_home(tmp_path, one.url, two.url, dialects=(dialect, dialect))
        async with running(home) as proxy:
            with pytest.raises(sdk.InternalServerError, match="broken") as raised:
                await ask(sdk, proxy)
    assert "full" in raised.value.message
    assert (len(one.requests), len(two.requests)) == (1, 1)


@SDKS
@DIALECTS
async def test_a_stream_that_dies_midway_raises_instead_of_ending(
    tmp_path: Path, sdk: Any, dialect: str
) -> None:
    async with proxied(tmp_path, [DieMidStream(after=6)], dialect) as (proxy, upstream):
        with pytest.raises(sdk.APIError):
            await ask(sdk, proxy, stream=True)
    assert len(upstream.requests) == 1
