"""A client that hangs up leaves nothing running upstream, and nothing lost in the pool."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import httpx
import orjson
import pytest

from tests.asking import PATHS, asking
from tests.running import Running, make_home, running, user
from tests.standin import Answer, Behaviour, Held, Seen, Silent, Slow, StandIn

CLIENTS = pytest.mark.parametrize("speaks", ["anthropic", "openai_responses"])
STREAM = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])

# What the design promises; the watch on the other side needs a little of it.
CLOSED_WITHIN = 0.1


async def leave(client: httpx.AsyncClient, speaks: str, *, stream: bool, after_first: bool) -> None:
    """Ask, and hang up: as soon as the upstream has the call, or after the first bytes."""
    body = asking(speaks, stream=stream)
    async with client.stream("POST", PATHS[speaks], json=body) as answer:
        async for _ in answer.aiter_raw():
            if after_first:
                return


async def hang_up_early(upstream: StandIn, proxy: Running, speaks: str, *, stream: bool) -> float:
    """Leave before the first byte; return how long the upstream stayed open after that."""
    async with proxy.client() as client:
        leaving = asyncio.create_task(leave(client, speaks, stream=stream, after_first=False))
        await upstream.until(lambda: upstream.open_calls == 1)
        leaving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await leaving
    left = asyncio.get_running_loop().time()
    await upstream.until(lambda: upstream.open_calls == 0)
    return asyncio.get_running_loop().time() - left


@STREAM
@CLIENTS
@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])
async def test_leaving_before_the_first_byte_closes_the_upstream_at_once(
    tmp_path: Path, speaks: str, dialect: str, *, stream: bool
) -> None:
    async with StandIn([Silent()]) as upstream:
        home = make_home(tmp_path, upstream.url, dialects=(dialect, dialect))
        async with running(home) as proxy:
            # A busy machine may be late once; a proxy that forgets is late each time.
            took = [await hang_up_early(upstream, proxy, speaks, stream=stream) for _ in range(5)]
            assert sorted(took)[2] < CLOSED_WITHIN
        assert len(upstream.requests) == 5, "a hang-up must not fail over"


@CLIENTS
@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])
async def test_leaving_in_mid_stream_closes_the_upstream_at_once(
    tmp_path: Path, speaks: str, dialect: str
) -> None:
    slow = Slow(per_event=0.02, answer=Answer(text="word " * 200))
    async with StandIn([slow]) as upstream:
        home = make_home(tmp_path, upstream.url, dialects=(dialect, dialect))
        async with running(home) as proxy:
            took = []
            for _ in range(5):
                async with proxy.client() as client:
                    await leave(client, speaks, stream=True, after_first=True)
                left = asyncio.get_running_loop().time()
                await upstream.until(lambda: upstream.open_calls == 0)
                took.append(asyncio.get_running_loop().time() - left)
            assert sorted(took)[2] < CLOSED_WITHIN
        assert upstream.hang_ups == 5


async def test_a_thousand_hang_ups_later_the_pool_still_works(tmp_path: Path) -> None:
    slow: Behaviour = Slow(per_event=0.02, answer=Answer(text="word " * 500))
    last: list[Behaviour] = []

    def script(seen: Seen) -> Behaviour:
        return last[0] if last else slow if seen.stream else Silent()

    async with StandIn(script) as upstream:
        async with running(make_home(tmp_path, upstream.url), log_level="error") as proxy:
            for start in range(0, 1000, 50):
                numbers = range(start, start + 50)
                await asyncio.gather(*(hang_up(proxy, number) for number in numbers))
                await upstream.until(lambda: upstream.open_calls == 0)
            assert upstream.hang_ups == 1000
            last.append(Answer(text="still here"))
            async with proxy.client() as client:
                answer = await client.post("/v1/messages", json=user("hello"))
                health = (await client.get("/health/detailed")).json()
    assert answer.json()["content"][0]["text"] == "still here"
    assert health["in_flight"] == 0


async def hang_up(proxy: Running, number: int) -> None:
    """Ask over a bare socket, and hang up: before the first byte, or after it if streamed."""
    path, speaks = [(PATHS[each], each) for each in PATHS][number % 3]
    body = orjson.dumps(asking(speaks, stream=number % 2 == 0))
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(proxy.url).port)
    writer.write(head.encode() + body)
    if number % 4 == 0:
        await reader.read(1)
    else:
        await asyncio.sleep(0.02 + number % 7 / 100)
    writer.transport.abort()


@pytest.mark.parametrize(
    ("speaks", "ping", "end"),
    [
        ("anthropic", 'event: ping\ndata: {"type":"ping"}', "message_stop"),
        ("openai_chat", ": ping\n", "[DONE]"),
        ("openai_responses", 'event: ping\ndata: {"type":"ping"}', "response.completed"),
    ],
)
async def test_a_silent_stream_is_kept_alive_by_pings(
    tmp_path: Path, speaks: str, ping: str, end: str
) -> None:
    slow = Slow(per_event=0.1, answer=Answer(text="one two"))
    async with StandIn([slow]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, ping_seconds=0.03) as proxy, proxy.client() as client:
            answer = await client.post(PATHS[speaks], json=asking(speaks, stream=True))
    assert answer.text.count(ping) >= 2
    assert end in answer.text


async def test_each_event_is_flushed_as_it_comes(tmp_path: Path) -> None:
    slow = Slow(per_event=0.1, answer=Answer(text="one two three four"))
    now = asyncio.get_running_loop().time
    async with StandIn([slow]) as upstream:
        async with running(make_home(tmp_path, upstream.url)) as proxy, proxy.client() as client:
            body = user("hello", stream=True)
            async with client.stream("POST", "/v1/messages", json=body) as answer:
                times = [now() async for _ in answer.aiter_raw()]
    assert len(times) >= 6
    assert times[-1] - times[0] > 0.4, "events came in a lump"


@CLIENTS
async def test_a_server_that_stops_ends_a_stream_that_outlasts_its_patience_with_an_error(
    tmp_path: Path, speaks: str
) -> None:
    endless = Slow(per_event=0.05, answer=Answer(text="on and on " * 500))
    async with StandIn([endless]) as upstream:
        async with running(make_home(tmp_path, upstream.url)) as proxy:
            async with httpx.AsyncClient(base_url=proxy.url, timeout=20) as client:
                body = asking(speaks, stream=True)
                answering = asyncio.create_task(client.post(PATHS[speaks], json=body))
                await upstream.until(lambda: upstream.open_calls == 1)
                await asyncio.sleep(0.2)
                proxy.stop()
                answer = await answering
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "rolegraph.db")) as database:
        told = database.execute("SELECT status, outcome FROM requests").fetchall()
    assert told == [(200, "broken")]
    assert answer.text.count("on ") > 3
    [*_, last] = answer.text.split("\n\n")[:-1]
    assert last.startswith(("event: error", "event: response.failed"))
    assert '"message":"the server is stopping"' in last


async def test_a_server_that_stops_waits_for_no_client_that_does_not_read(tmp_path: Path) -> None:
    """What fills all buffers takes no last words either; and the request is still on record."""
    long = Answer(text=f"{'on' * 50_000} " * 200)
    async with StandIn([long]) as upstream:
        async with running(make_home(tmp_path, upstream.url)) as proxy:
            _, writer = await unread(proxy, asking("anthropic", stream=True))
            await upstream.until(lambda: upstream.open_calls == 1)
            proxy.stop()
        await upstream.until(lambda: upstream.open_calls == 0)
        writer.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "rolegraph.db")) as database:
        told = database.execute("SELECT status, outcome FROM requests").fetchall()
    assert told == [(200, "broken")]


async def unread(
    proxy: Running, asked: object
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Ask, and read nothing: the connection takes as much as the system's buffers do."""
    host, port = proxy.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1)
    body = orjson.dumps(asked)
    head = f"POST /v1/messages HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    return reader, writer


async def test_an_answer_that_is_never_asked_for_its_rest_closes_its_upstream(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    async with StandIn([Held(gate, after=2)]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy:
            async with proxy.client() as client:
                body = user("hello", stream=True)
                async with client.stream("POST", "/v1/messages", json=body) as answer:
                    assert answer.status_code == 200  # and nothing is read
            await upstream.until(lambda: upstream.open_calls == 0)
