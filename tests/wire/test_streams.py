"""Streams that are told oddly, and what the client sees of them: W01 to W21."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.asking import PATHS, asking
from tests.haystacks.dialects.openai_chunks import DONE, call, chunk, data
from tests.standin import Answer, Status
from tests.wire.heard import hear
from tests.wire.held import HeldBefore
from tests.wire.wired import CLIENTS, STREAM, TRANSLATED, UPSTREAMS, Wired, chunks, cut, wired

ARGUMENTS = '{"path":"a \\"b\\"","n":1}'
PARSED = {"path": 'a "b"', "n": 1}


@CLIENTS
async def test_w01_a_tool_call_in_one_chunk_is_whole(tmp_path: Path, client: str) -> None:
    """A tool's name and all its arguments come in one chunk -> every byte of the arguments."""
    said = chunk(call(ARGUMENTS, index=0, id="c1", name="read"), "tool_calls")
    async with wired(tmp_path, [chunks(said)], "openai_chat") as wire:
        heard = await wire.ask(client, stream=True)
    assert (heard.calls, heard.stop) == ([("read", PARSED)], "tool_use")


@CLIENTS
async def test_w03_deltas_in_any_order_become_blocks_in_strict_order(
    tmp_path: Path, client: str
) -> None:
    """Text, reasoning and calls come in any order -> each block has one start and one stop,
    numbered without a gap, and nothing of it comes before or after."""
    pieces = [
        *(chunk({"content": word}) for word in ("one ", "two ", "three ")),
        *(chunk({"reasoning_content": word}) for word in ("hm ", "so ")),
        *(chunk(call(ARGUMENTS, index=i, id=f"c{i}", name="read")) for i in range(2)),
    ]
    orders = [random.Random(seed).sample(pieces, len(pieces)) for seed in range(20)]
    script = [chunks(*order, chunk({}, "tool_calls")) for order in orders]
    async with wired(tmp_path, script, "openai_chat") as wire:
        for _ in orders:
            heard = await wire.ask(client, stream=True)
            assert sorted(heard.text.split()) == ["one", "three", "two"]
            assert sorted(heard.thinking.split()) == ["hm", "so"]
            assert heard.calls == [("read", PARSED)] * 2


@CLIENTS
async def test_w05_parallel_tool_calls_interleaved_by_index_stay_whole(
    tmp_path: Path, client: str
) -> None:
    """The arguments of parallel calls come in turns -> a block for each call, each whole."""
    said = [chunk(call("", index=i, id=f"c{i}", name=f"tool{i}")) for i in range(3)]
    for at in range(0, len(ARGUMENTS), 4):
        said += [chunk(call(ARGUMENTS[at : at + 4], index=i)) for i in (2, 0, 1)]
    async with wired(tmp_path, [chunks(*said, chunk({}, "tool_calls"))], "openai_chat") as wire:
        heard = await wire.ask(client, stream=True)
    assert heard.calls == [(f"tool{i}", PARSED) for i in range(3)]


@TRANSLATED
async def test_w07_reasoning_after_a_tool_call_is_a_thought_of_its_own(
    tmp_path: Path, client: str
) -> None:
    """Reasoning, a tool call, reasoning again -> a second thinking block."""
    said = (
        chunk({"reasoning_content": "first"}),
        chunk(call("{}", index=0, id="c1", name="look")),
        chunk({"reasoning_content": "second"}),
        chunk({}, "tool_calls"),
    )
    async with wired(tmp_path, [chunks(*said)], "openai_chat") as wire:
        heard = await wire.ask(client, stream=True)
    assert heard.kinds == ["thinking", "tool_use", "thinking"]


@TRANSLATED
@pytest.mark.parametrize("after", ["", "There you are."], ids=["at once", "after more text"])
async def test_w09_a_tool_call_that_ends_with_stop_is_a_tool_call(
    tmp_path: Path, client: str, after: str
) -> None:
    """A tool call ends with `stop`, or with text behind it -> the stop reason is `tool_use`."""
    said = (
        chunk(call("{}", index=0, id="c1", name="look")),
        chunk({"content": after}, "stop"),
    )
    async with wired(tmp_path, [chunks(*said)], "openai_chat") as wire:
        heard = await wire.ask(client, stream=True)
    assert (heard.stop, heard.text) == ("tool_use", after)


@CLIENTS
@UPSTREAMS
@pytest.mark.parametrize("stop", ["max_tokens", "end_turn"])
async def test_w11_an_answer_that_was_cut_off_says_so(
    tmp_path: Path, client: str, dialect: str, stop: str
) -> None:
    """The answer was cut off at its limit -> `max_tokens`, or the client's word for it."""
    async with wired(tmp_path, [Answer(stop=stop)], dialect) as wire:
        heard = await wire.ask(client, stream=True)
    assert heard.stop == stop


@CLIENTS
async def test_w11_a_filtered_answer_is_a_refusal(tmp_path: Path, client: str) -> None:
    """`content_filter` -> `refusal`, or the client's word for it."""
    said = chunk({"content": "I"}), chunk({}, "content_filter")
    async with wired(tmp_path, [chunks(*said)], "openai_chat") as wire:
        heard = await wire.ask(client, stream=True)
    assert heard.stop == "refusal"


@pytest.mark.parametrize("stop", ["refusal", "pause_turn", "model_context_window_exceeded"])
async def test_w11_reasons_of_anthropics_own_pass_as_they_are(tmp_path: Path, stop: str) -> None:
    """Anthropic's own stop reasons -> themselves, for Anthropic's clients."""
    async with wired(tmp_path, [Answer(stop=stop)]) as wire:
        heard = await wire.ask(stream=True)
    assert heard.stop == stop


async def test_w12_usage_is_estimated_at_the_start_and_true_at_the_end(tmp_path: Path) -> None:
    """No usage until the end -> an estimate in `message_start`, the truth in `message_delta`."""
    async with wired(tmp_path, [Answer(input_tokens=4321)], "openai_chat") as wire:
        heard = await wire.ask(stream=True)
    assert 0 < heard.events[0]["message"]["usage"]["input_tokens"] < 100
    assert heard.input == 4321
    assert wire.line["input_tokens"] == 4321
    assert "estimated" not in wire.line


@CLIENTS
async def test_w13_usage_behind_the_finish_reason_counts(tmp_path: Path, client: str) -> None:
    """Usage comes in a chunk behind the finish reason -> it counts, and was asked for."""
    last = data({"id": "chatcmpl-1", "model": "m", "choices": [], "usage": {
        "prompt_tokens": 70, "completion_tokens": 7, "total_tokens": 77,
    }})  # fmt: skip
    said = chunk({"content": "yes"}), chunk({}, "stop"), last
    async with wired(tmp_path, [chunks(*said)], "openai_chat") as wire:
        heard = await wire.ask(client, stream=True)
    assert (heard.input, heard.output) == (70, 7)
    assert wire.seen.body["stream_options"] == {"include_usage": True}


@TRANSLATED
@STREAM
async def test_w14_usage_that_nobody_names_is_counted_here(
    tmp_path: Path, client: str, *, stream: bool
) -> None:
    """No usage at all -> a full usage object, counted locally and logged as estimated."""
    message = {"role": "assistant", "content": "Nobody counts these words."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    said = chunk({"content": message["content"]}), chunk({}, "stop")
    script = [chunks(*said) if stream else Status(200, {"id": "c", "choices": [choice]})]
    async with wired(tmp_path, script, "openai_chat") as wire:
        heard = await wire.ask(client, stream=stream)
    assert 3 < heard.input < 30
    assert 3 < heard.output < 10
    assert wire.line["estimated"] is True
    assert wire.line["output_tokens"] == heard.output


@CLIENTS
@UPSTREAMS
@pytest.mark.parametrize("size", [1, 7])
async def test_w16_a_character_cut_between_chunks_stays_itself(
    tmp_path: Path, client: str, dialect: str, size: int
) -> None:
    """A UTF-8 character is cut between two chunks -> the same text for every way of cutting."""
    answer = Answer(text="Grüße, 世界 👋", thinking="¿qué?")
    async with wired(tmp_path, cut(answer, size), dialect) as wire:
        heard = await wire.ask(client, stream=True)
    assert (heard.text, heard.thinking) == ("Grüße, 世界 👋", "¿qué?")


@CLIENTS
@UPSTREAMS
async def test_w19_without_stream_nothing_is_streamed(
    tmp_path: Path, client: str, dialect: str
) -> None:
    """The client leaves `stream` out -> a whole answer; `[DONE]` only ends OpenAI's streams of
    chat completions."""
    async with wired(tmp_path, [Answer(text="whole")], dialect) as wire:
        async with wire.proxy.client() as http:
            asked = asking(client)
            del asked["stream"]
            answer = await http.post(PATHS[client], json=asked)
        streamed = await wire.ask(client, stream=True)
    assert answer.headers["content-type"] == "application/json"
    assert hear(answer).text == streamed.text == "whole"
    assert wire.upstream.requests[0].stream is False
    assert streamed.raw.count("[DONE]") == (client == "openai_chat")


@CLIENTS
@UPSTREAMS
async def test_w20_each_event_is_flushed_at_once(tmp_path: Path, client: str, dialect: str) -> None:
    """One slow token after the other -> each reaches the client before the next is there."""
    gate = asyncio.Event()
    held = HeldBefore(b"three", gate, Answer(text="one two three").frames)
    async with wired(tmp_path, [held], dialect) as wire:
        answer = await listen(wire, client, when("two", gate))
    assert hear(answer).text == "one two three"


@CLIENTS
async def test_w21_silence_is_filled_while_arguments_are_held_back(
    tmp_path: Path, client: str
) -> None:
    """Silence, also while arguments are held back -> pings, which open and count nothing."""
    gate = asyncio.Event()
    pieces = (
        chunk({"content": "Well"}),
        chunk(call('{"path', index=0, id="c0", name="read")),
        chunk(call(ARGUMENTS, index=1, id="c1", name="read")),
        chunk(call('":1}', index=0)),
        chunk({}, "tool_calls"),
        DONE,
    )
    held = HeldBefore(rb'":1}', gate, lambda _: pieces)
    async with wired(tmp_path, [held], "openai_chat", ping_seconds=0.05) as wire:
        answer = await listen(wire, client, when("ping", gate, times=4))
    heard = hear(answer)
    assert heard.pings >= 2
    assert heard.calls == [("read", {"path": 1}), ("read", PARSED)]
    assert heard.output < 40


def when(mark: str, gate: asyncio.Event, *, times: int = 1) -> Callable[[str], None]:
    """Return what opens the gate as soon as a text holds the mark so often."""

    def look(text: str) -> None:
        if text.count(mark) >= times:
            gate.set()

    return look


async def listen(wire: Wired, client: str, heard: Callable[[str], None]) -> httpx.Response:
    """Ask for a stream, and call ``heard`` with all that has come, each time that more has."""
    text = ""
    async with asyncio.timeout(10), wire.proxy.client() as http:
        body = asking(client, stream=True)
        async with http.stream("POST", PATHS[client], json=body) as answer:
            async for piece in answer.aiter_text():
                text += piece
                heard(text)
    return httpx.Response(answer.status_code, headers=answer.headers, text=text)
