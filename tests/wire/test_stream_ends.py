"""Streams that end before they should, and whom the client hears of it from: W18, W22 to W25."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

import haystacks.stream
from tests.asking import PATHS, asking
from tests.running import SERVICES
from tests.standin import (
    Answer,
    Behaviour,
    CloseBeforeFirstEvent,
    DieMidStream,
    ErrorFirst,
    Held,
    Seen,
    Silent,
)
from tests.wire.held import HeldBefore
from tests.wire.wired import BOTH, CLIENTS, UPSTREAMS, Wired, wired

# What the client's leaving may take to reach the provider.
CLOSED_WITHIN = 0.5  # tests/faults holds the promise of 100 ms, by several tries
ENDS = (
    *("end_turn", "message_stop", "[DONE]", '"finish_reason":"stop"'),
    *("response.completed", "response.incomplete"),
)
LONG = Answer(text="This is a long answer of many words that is not yet at its end.")


@CLIENTS
@UPSTREAMS
@pytest.mark.parametrize("clean", [False, True])
async def test_w18_a_stream_that_closes_empty_is_no_answer(
    tmp_path: Path, client: str, dialect: str, *, clean: bool
) -> None:
    """The connection closes before the first event -> the next candidate, or an error."""
    empty = CloseBeforeFirstEvent(clean=clean)
    async with wired(tmp_path, [empty, Answer(text="second"), empty], dialect, role=BOTH) as wire:
        heard = await wire.ask(client, stream=True)
        alone = await wire.ask(client, stream=True, headers={"x-rolegraph-role": "cheap"})
    assert (heard.text, heard.headers["x-rolegraph-attempts"]) == ("second", "2")
    assert alone.status == 502
    assert alone.message


@CLIENTS
@UPSTREAMS
@pytest.mark.parametrize("words", ["", "overloaded_error"], ids=["it just closes", "it says so"])
async def test_w22_a_failure_behind_the_200_is_an_error_event(
    tmp_path: Path, client: str, dialect: str, words: str
) -> None:
    """It fails after the 200 -> an error event of the client's dialect, and a failure in the log;
    never a good end."""
    dying = DieMidStream(after=8, last_words=words, answer=LONG)
    async with wired(tmp_path, [dying], dialect) as wire:
        heard = await wire.ask(client, stream=True)
    assert heard.error
    assert not any(end in heard.raw for end in ENDS)
    assert (wire.line["outcome"], wire.line["log_level"]) == ("broken", "warning")


@CLIENTS
@pytest.mark.parametrize("together", [False, True], ids=["alone", "with what was said"])
async def test_w22_an_error_event_ends_the_answer_also_on_an_open_connection(
    tmp_path: Path, client: str, *, together: bool
) -> None:
    """An error event, and the connection stays open -> the answer ends with the event."""
    error = b'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"?"}}\n\n'
    held = HeldBefore(b"never", asyncio.Event(), lambda seen: said(seen, error, together=together))
    async with wired(tmp_path, [held]) as wire, asyncio.timeout(5):
        heard = await wire.ask(client, stream=True)
        await wire.upstream.until(lambda: wire.upstream.open_calls == 0)
    assert heard.error
    assert not any(end in heard.raw for end in ENDS)


def said(seen: Seen, last: bytes, *, together: bool = False) -> Iterator[bytes]:
    """Yield the beginning of an answer, something else, and what must be waited for."""
    begun = [*islice(LONG.frames(seen), 5), last]
    yield from [b"".join(begun)] if together else begun
    yield b"never"


@CLIENTS
@UPSTREAMS
async def test_w23_overloaded_as_the_first_event_is_passed_over(
    tmp_path: Path, client: str, dialect: str
) -> None:
    """`overloaded_error` is the first event of a 200 -> the next candidate; if there is none, the
    real status."""
    full = ErrorFirst("overloaded_error")
    script: list[Behaviour] = [full, Answer(text="second"), full]
    async with wired(tmp_path, script, dialect, role=BOTH) as wire:
        heard = await wire.ask(client, stream=True)
        alone = await wire.ask(client, stream=True, headers={"x-rolegraph-role": "cheap"})
    assert (heard.text, heard.headers["x-rolegraph-haystack"]) == ("second", "second")
    assert alone.status >= 500
    assert dialect != "anthropic" or alone.status == 529
    assert "Overloaded" in alone.message


@CLIENTS
@UPSTREAMS
@pytest.mark.parametrize("moment", ["before the first event", "in mid-stream", "whole"])
async def test_w24_the_upstream_is_closed_when_the_client_leaves(
    tmp_path: Path, client: str, dialect: str, moment: str
) -> None:
    """The client leaves before the first event, in mid-stream, or while it waits for a whole
    answer -> the upstream is closed within 100 ms, nothing is tried again, nothing is a fault."""
    stream = moment != "whole"
    held: Behaviour = Held(asyncio.Event(), 8, LONG) if moment == "in mid-stream" else Silent()
    async with wired(tmp_path, [held], dialect, role=BOTH) as wire:
        await leave(wire, client, stream=stream, after_first=moment == "in mid-stream")
        left = asyncio.get_running_loop().time()
        await wire.upstream.until(lambda: wire.upstream.open_calls == 0)
        assert asyncio.get_running_loop().time() - left < CLOSED_WITHIN
    assert len(wire.upstream.requests) == 1
    assert (wire.line["outcome"], wire.line["status"]) == ("client_left", 499)
    assert {line["log_level"] for line in wire.log} == {"info"}


async def leave(wire: Wired, client: str, *, stream: bool, after_first: bool) -> None:
    """Ask, and hang up: after the first bytes, or as soon as the provider has the request."""

    async def ask() -> None:
        async with wire.proxy.client() as http:
            asked = asking(client, stream=stream)
            async with http.stream("POST", PATHS[client], json=asked) as answer:
                await anext(answer.aiter_raw())

    leaving = asyncio.create_task(ask())
    if not after_first:
        await wire.upstream.until(lambda: wire.upstream.open_calls == 1)
        leaving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await leaving


@CLIENTS
@UPSTREAMS
async def test_w25_what_an_aborted_stream_has_used_is_recorded(
    tmp_path: Path, client: str, dialect: str
) -> None:
    """The client leaves in mid-stream -> the log says what was used so far, as an estimate."""
    async with wired(tmp_path, [Held(asyncio.Event(), 9, LONG)], dialect) as wire:
        await leave(wire, client, stream=True, after_first=True)
        await wire.upstream.until(lambda: wire.upstream.open_calls == 0)
    assert wire.line["outcome"] == "client_left"
    assert wire.line["estimated"] is True
    assert 0 < wire.line["output_tokens"] <= 10
    assert wire.line["input_tokens"] > 0


@CLIENTS
@UPSTREAMS
async def test_w25_what_a_broken_stream_has_used_is_recorded(
    tmp_path: Path, client: str, dialect: str
) -> None:
    """The upstream dies in mid-stream -> the log says what was used so far, as an estimate."""
    async with wired(tmp_path, [DieMidStream(after=8, answer=LONG)], dialect) as wire:
        await wire.ask(client, stream=True)
    assert wire.line["outcome"] == "broken"
    assert wire.line["estimated"] is True
    assert 0 < wire.line["output_tokens"] <= 10


@CLIENTS
@pytest.mark.parametrize("dialect", [name for name in SERVICES if name != "gemini"])
async def test_a_client_that_has_the_last_event_has_the_whole_answer(
    tmp_path: Path, client: str, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last event is out, and the upstream keeps its connection open -> the client need not
    wait for that, and may leave: the answer was given, and its tokens are as they were told."""
    monkeypatch.setattr(haystacks.stream, "LINGER_SECONDS", 3600.0)
    gate = asyncio.Event()
    open_end = HeldBefore(b"never", gate, lambda seen: [*LONG.frames(seen), b"never"])
    async with wired(tmp_path, [open_end], dialect) as wire, asyncio.timeout(5):
        heard = await wire.ask(client, stream=True)
        await leave_with(LAST[client], wire, client)
        await asyncio.sleep(0.01)  # what the client's leaving does, it does now
        gate.set()
    assert heard.text == LONG.text
    for line in wire.lines:
        assert (line["outcome"], line["status"]) == ("ok", 200)
        assert "estimated" not in line


async def test_a_server_that_stops_waits_for_no_upstream_whose_answer_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(haystacks.stream, "LINGER_SECONDS", 3600.0)
    open_end = HeldBefore(b"never", asyncio.Event(), lambda seen: [*LONG.frames(seen), b"never"])
    async with wired(tmp_path, [open_end]) as wire, asyncio.timeout(5):
        heard = await wire.ask(stream=True)
    assert heard.text == LONG.text  # and leaving found no call open
    assert wire.line["outcome"] == "ok"


LAST = {
    "anthropic": b"message_stop",
    "openai_chat": b"[DONE]",
    "openai_responses": b"response.completed",
}


async def leave_with(last: bytes, wire: Wired, client: str) -> None:
    """Ask, and hang up as soon as the last event is there, as Codex does."""
    async with wire.proxy.client() as http:
        asked = asking(client, stream=True)
        async with http.stream("POST", PATHS[client], json=asked) as answer:
            async for piece in answer.aiter_raw():
                if last in piece:
                    return
