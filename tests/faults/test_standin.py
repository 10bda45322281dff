"""The stand-in provider keeps its promises: later tests stand on them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import anthropic
import httpx
import openai
import pytest

from tests.standin import (
    Answer,
    Behaviour,
    CloseBeforeFirstEvent,
    DieMidStream,
    ErrorFirst,
    Held,
    Html,
    Raw,
    Reset,
    Silent,
    StandIn,
    Status,
    ToolCall,
    refused_url,
)

FULL = Answer(
    text="Grüße, two calls follow.",
    calls=(ToolCall("look", {"where": "ü" * 20}, "call_1"), ToolCall("go", {}, "call_2")),
    thinking="First I look.",
    cached_tokens=7,
)


async def post(upstream: StandIn, *, stream: bool = True) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(
            f"{upstream.url}/v1/messages", json={"model": "m", "stream": stream}
        )


async def test_the_anthropic_sdk_reads_a_streamed_answer_back_whole() -> None:
    async with (
        StandIn([FULL]) as upstream,
        anthropic.AsyncAnthropic(base_url=upstream.url, api_key="k") as client,
        client.messages.stream(
            model="m", max_tokens=99, messages=[{"role": "user", "content": "hi"}]
        ) as stream,
    ):
        message = (await stream.get_final_message()).model_dump(mode="json")
        kinds = [block["type"] for block in message["content"]]
    assert kinds == ["thinking", "text", "tool_use", "tool_use"]
    assert message["content"][0]["signature"] == FULL.signature
    assert message["content"][1]["text"] == FULL.text
    assert message["content"][2]["input"] == {"where": "ü" * 20}
    assert message["stop_reason"] == "tool_use"
    assert message["usage"]["cache_read_input_tokens"] == 7
    assert upstream.requests[0].headers["anthropic-version"]


async def test_the_openai_sdk_reads_the_same_answer_streamed_and_whole() -> None:
    async with (
        StandIn([FULL]) as upstream,
        openai.AsyncOpenAI(base_url=f"{upstream.url}/v1", api_key="k") as client,
    ):
        whole = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}]
        )
        async with client.chat.completions.stream(
            model="m",
            messages=[{"role": "user", "content": "hi"}],
            stream_options={"include_usage": True},
        ) as stream:
            streamed = await stream.get_final_completion()
    for completion in (whole, streamed):
        choice = completion.choices[0].model_dump()
        assert choice["finish_reason"] == "tool_calls"
        assert choice["message"]["content"] == FULL.text
        calls = [call["function"]["name"] for call in choice["message"]["tool_calls"]]
        assert calls == ["look", "go"]
        assert completion.usage is not None
        assert completion.usage.prompt_tokens == FULL.input_tokens + 7


async def test_the_script_is_played_in_order_and_its_last_line_again() -> None:
    async with StandIn([Status(429, headers={"retry-after": "3"}), Html()]) as upstream:
        first, second, third = [await post(upstream) for _ in range(3)]
    assert (first.status_code, first.headers["retry-after"]) == (429, "3")
    assert first.json()["error"]["type"] == "rate_limit_error"
    assert second.headers["content-type"] == third.headers["content-type"] == "text/html"


async def test_a_script_may_decide_by_the_request() -> None:
    def script(request: object) -> Behaviour:
        return Status(404) if "gone" in str(request) else Answer()

    async with StandIn(script) as upstream, httpx.AsyncClient(base_url=upstream.url) as client:
        assert (await client.post("/gone/v1/messages", json={})).status_code == 404
        assert (await client.post("/v1/messages", json={})).status_code == 200
    assert [request.connection for request in upstream.requests] == [0, 0]


async def test_a_chunked_request_body_is_read_like_any_other() -> None:
    async def pieces() -> object:
        yield b'{"mod'
        yield b'el": "m"}'

    async with StandIn() as upstream, httpx.AsyncClient() as client:
        await client.post(f"{upstream.url}/v1/messages", content=pieces())  # type: ignore[arg-type]
    assert upstream.requests[0].body == {"model": "m"}


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        (Reset(), httpx.ReadError),
        (CloseBeforeFirstEvent(), httpx.RemoteProtocolError),
        (DieMidStream(2), httpx.RemoteProtocolError),
        (DieMidStream(2, mid_event=True), httpx.RemoteProtocolError),
        (Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"), httpx.RemoteProtocolError),
        (Raw(b""), httpx.RemoteProtocolError),
    ],
)
async def test_a_broken_connection_is_seen_by_the_client(
    behaviour: Behaviour, failure: type[Exception]
) -> None:
    async with StandIn([behaviour]) as upstream:
        with pytest.raises(failure):
            await post(upstream)


async def test_nobody_listens_on_a_refused_url() -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(refused_url())


@pytest.mark.parametrize(
    ("behaviour", "ends_with"),
    [
        (CloseBeforeFirstEvent(clean=True), b""),
        (ErrorFirst(), b'"Overloaded"}}\n\n'),
        (DieMidStream(1, last_words="api_error", clean=True), b'"scripted failure"}}\n\n'),
        (DieMidStream(1, clean=True), b"}}\n\n"),
    ],
)
async def test_a_stream_may_end_cleanly_and_yet_too_early(
    behaviour: Behaviour, ends_with: bytes
) -> None:
    async with StandIn([behaviour]) as upstream:
        answer = await post(upstream)
    assert answer.status_code == 200
    assert answer.content.endswith(ends_with)
    assert b"message_stop" not in answer.content


@pytest.mark.parametrize("make", [Silent, lambda: Silent(head=True), lambda: Held(asyncio.Event())])
async def test_a_client_that_leaves_is_noticed_at_once(make: Callable[[], Behaviour]) -> None:
    async with StandIn([make()]) as upstream:
        call = asyncio.create_task(post(upstream))
        await upstream.until(lambda: upstream.open_calls == 1)
        left_at = asyncio.get_running_loop().time()
        call.cancel()
        await asyncio.wait_for(upstream.closed.wait(), 5)
        assert upstream.hang_ups == 1
        noticed = upstream.requests[0].closed_at
    assert noticed is not None
    assert noticed - left_at < 0.5


async def test_a_held_answer_goes_on_when_the_gate_opens() -> None:
    gate = asyncio.Event()
    async with (
        StandIn([Held(gate, after=2)]) as upstream,
        httpx.AsyncClient() as client,
        client.stream(
            "POST", f"{upstream.url}/v1/messages", json={"model": "m", "stream": True}
        ) as answer,
    ):
        said = b""
        async for chunk in answer.aiter_raw():
            said += chunk
            if said.count(b"event:") == 2:
                gate.set()
    assert b"message_stop" in said
    assert upstream.hang_ups == 0


async def test_a_leaked_call_fails_the_test_that_leaks_it() -> None:
    calls = []

    async def leak() -> None:
        async with StandIn([Silent()]) as upstream:
            calls.append(asyncio.create_task(post(upstream)))
            await upstream.until(lambda: upstream.open_calls == 1)

    with pytest.raises(AssertionError, match="1 calls were left open"):
        await leak()
    with pytest.raises(httpx.HTTPError):
        await calls[0]


async def test_it_runs_as_a_process_and_prints_its_url() -> None:
    command = [sys.executable, "-m", "tests.standin", "--text", "from afar"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{url}/v1/chat/completions", json={"model": "m"})
    process.kill()
    await process.communicate()
    assert answer.json()["choices"][0]["message"]["content"] == "from afar"
