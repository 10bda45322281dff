"""A stream leaves at once, no faster than its client reads, through any ASGI server."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from haystacks.http.call import Take
from haystacks.http.sse import frame
from server.exchange import send_stream
from server.outlet import outlet_of
from tests.running import make_home, running, user
from tests.standin import Seen, StandIn, Wire

USAGE = b'"usage":{"input_tokens":1,"output_tokens":1}'
START = frame(b"message_start", b'{"type":"message_start","message":{%b}}' % USAGE)
STOP = frame(b"message_stop", b'{"type":"message_stop"}')
WORD = b"x" * 65_000
DELTA = frame(
    b"content_block_delta",
    b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%b"}}' % WORD,
)
DELTAS = 500  # some 32 MB: more than all buffers on the way hold


@dataclass(slots=True)
class Flood:
    """Sends as fast as it is read, and counts."""

    sent: int = 0

    async def play(self, request: Seen, wire: Wire) -> None:
        await wire.begin(200, request.stream_head)
        await wire.chunk(START)
        while self.sent < DELTAS:
            await wire.chunk(DELTA)
            self.sent += 1
        await wire.chunk(STOP)
        await wire.end()


async def test_a_client_that_does_not_read_holds_its_upstream_back_and_misses_nothing(
    tmp_path: Path,
) -> None:
    flood = Flood()
    body = orjson.dumps(user("hello", stream=True))
    head = b"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
    asked = b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)
    async with StandIn([flood]) as upstream:
        async with running(make_home(tmp_path, upstream.url)) as proxy:
            port = httpx.URL(proxy.url).port
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(asked)
            await upstream.until(lambda: upstream.open_calls == 1)
            before = -1
            while before < flood.sent:
                before = flood.sent
                await asyncio.sleep(0.2)
            assert flood.sent < DELTAS, "everything was taken in advance"
            came = await reader.read()
            writer.close()
    assert came.count(WORD) == DELTAS
    assert came.endswith(b"%b\r\n0\r\n\r\n" % STOP)


async def test_any_asgi_server_gets_each_piece_as_it_comes() -> None:
    sent: list[MutableMapping[str, Any]] = []
    pieces = iter([b"a", b"b", b"c"])

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def flow(write: Take) -> bool:
        return not any(write(piece) for piece in pieces)

    await send_stream(send, [], flow, outlet_of({}, send), lambda: b"", 60)
    bodies = [(each["body"], each.get("more_body", False)) for each in sent[1:]]
    assert bodies == [(b"a", True), (b"b", True), (b"c", True), (b"", False)]


@dataclass(slots=True)
class Slow:
    """An outlet whose client takes its time for what it was sent."""

    written: list[bytes]
    last: float = 0.0

    def write(self, piece: bytes) -> bool:
        self.written.append(piece)
        return True

    async def drain(self) -> None:
        await asyncio.sleep(0.05)


async def test_no_ping_follows_the_last_event() -> None:
    slow = Slow([])

    async def send(_message: MutableMapping[str, Any]) -> None:
        pass

    async def flow(write: Take) -> bool:
        write(STOP)
        return True

    await send_stream(send, [], flow, slow, lambda: b"ping", 0.01)
    assert slow.written == [STOP]
