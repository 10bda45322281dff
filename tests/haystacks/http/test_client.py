"""The HTTP client reads whatever is HTTP, refuses the rest, and keeps what can be kept."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import pytest

from haystacks.errors import BadAnswer, ConnectFailed, StreamBroken, UpstreamTimeout
from haystacks.http import client as module
from haystacks.http.call import chunks_of
from haystacks.http.client import HttpClient
from haystacks.pool import Timeouts
from tests.haystacks.http.upstreams import Writer, listening, saying

OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"content-length: 5\r\n\r\nhello"


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.close()


@pytest.mark.parametrize(
    "pieces",
    [
        [HELLO],
        [HELLO[:9], HELLO[9:30], HELLO[30:]],
        [OK + b"transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n", b"3\r\nllo\r\n0\r\n\r\n"],
        [b"HTTP/1.1 100 Continue\r\n\r\n", HELLO],
        [OK + b"content-encoding: gzip\r\nconnection: close\r\n\r\n" + gzip.compress(b"hello")],
        [OK + b"content-encoding: deflate\r\n\r\n" + zlib.compress(b"hello")],
        [OK + b"\r\nhe", b"llo"],
        [b"HTTP/1.0 200 OK\r\n\r\nhello"],
    ],
    ids=["length", "cut", "chunks", "interim", "gzip", "deflate", "until the end", "1.0"],
)
async def test_every_way_to_send_a_body_is_understood(
    client: HttpClient, pieces: list[bytes]
) -> None:
    ends = b"length" not in pieces[-1] and b"chunked" not in pieces[0]
    async with listening(saying(*pieces, close=ends)) as upstream:
        reply = await client.send(upstream.call())
        assert (reply.status, await reply.read()) == (200, b"hello")
        reply = await client.send(upstream.call())
        assert b"".join([chunk async for chunk in chunks_of(reply)]) == b"hello"


async def test_the_request_is_sent_as_it_was_written(client: HttpClient) -> None:
    async with listening(saying(HELLO)) as upstream:
        await (await client.send(upstream.call("/a b/ü?beta=true&x=1", b'{"a":1}'))).read()
    head = upstream.heads[0].decode()
    assert head.startswith("POST /a%20b/%C3%BC?beta=true&x=1 HTTP/1.1\r\n")
    assert f"\r\nhost: 127.0.0.1:{upstream.port}\r\n" in head
    assert "\r\nx-a: b\r\n" in head
    assert upstream.bodies == [b'{"a":1}']


async def test_a_long_url_is_sent_and_not_remembered(client: HttpClient) -> None:
    module._target.cache_clear()
    async with listening(saying(HELLO)) as upstream:
        for path in ("/short", "/long?" + "x" * 50_000):
            await (await client.send(upstream.call(path))).read()
    assert upstream.heads[1].startswith(b"POST /long?xxx")
    assert module._target.cache_info().currsize == 1


async def test_a_connection_whose_answer_was_read_is_used_again(client: HttpClient) -> None:
    async with listening(saying(HELLO)) as upstream:
        for _ in range(5):
            assert await (await client.send(upstream.call())).read() == b"hello"
    assert upstream.connections == 1


async def test_calls_at_the_same_time_have_a_connection_each(client: HttpClient) -> None:
    async with listening(saying(HELLO)) as upstream:
        replies = await asyncio.gather(*(client.send(upstream.call()) for _ in range(20)))
        assert {await reply.read() for reply in replies} == {b"hello"}
    assert upstream.connections == 20


async def test_a_closed_reply_closes_its_connection_and_no_other(client: HttpClient) -> None:
    slow = OK + b"content-length: 50\r\n\r\nhello"
    async with listening(saying(slow)) as upstream:
        dropped = await client.send(upstream.call())
        dropped.close()
        dropped.close()
        again = await client.send(upstream.call())
        again.close()
    assert upstream.connections == 2


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"\x16\x03\x01\x02\x00 what\r\n\r\n", BadAnswer),
        (b"HTTP/1.1 OK\r\n\r\n", BadAnswer),
        (OK + b"x: " + b"y" * 300_000 + b"\r\n\r\n", BadAnswer),
        (OK + b"content-encoding: br\r\ncontent-length: 5\r\n\r\nhello", BadAnswer),
        (OK + b"content-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello", BadAnswer),
        (OK + b"content-length: 9\r\n\r\nhello", StreamBroken),
        (OK + b"transfer-encoding: chunked\r\n\r\n9\r\nhello", StreamBroken),
        (b"", ConnectFailed),
    ],
)
async def test_what_is_no_whole_answer_is_never_taken_for_one(
    client: HttpClient, said: bytes, error: type[Exception]
) -> None:
    async with listening(saying(said, close=True)) as upstream:
        with pytest.raises(error):
            await (await client.send(upstream.call())).read()
        with pytest.raises(error):
            async for _ in chunks_of(await client.send(upstream.call())):
                pass


async def test_an_idle_connection_that_was_closed_is_replaced(client: HttpClient) -> None:
    turns = 0

    async def talk(_head: bytes, writer: Writer) -> None:
        nonlocal turns
        turns += 1
        if turns == 2:  # the second call on the first connection meets a closing door
            writer.transport.abort()
        else:
            writer.write(HELLO)

    async with listening(talk) as upstream:
        for _ in range(2):
            assert await (await client.send(upstream.call())).read() == b"hello"
    assert (upstream.connections, len(upstream.heads)) == (2, 3)


async def test_an_answer_that_nobody_asked_for_spoils_only_its_connection(
    client: HttpClient,
) -> None:
    async with listening(saying(HELLO + HELLO)) as upstream:
        for _ in range(3):
            assert await (await client.send(upstream.call())).read() == b"hello"
    assert upstream.connections == 3


async def test_silence_ends_a_call_before_and_within_its_answer(client: HttpClient) -> None:
    for said in (b"", OK + b"content-length: 50\r\n\r\nhello"):
        async with listening(saying(said)) as upstream:
            with pytest.raises(UpstreamTimeout):
                await (await client.send(upstream.call(first_byte=0.1, idle=0.1))).read()


async def test_a_reader_that_takes_its_time_holds_the_upstream_back_and_is_no_silence(
    client: HttpClient,
) -> None:
    size = 24 * 1024 * 1024
    sent = 0

    async def talk(_head: bytes, writer: Writer) -> None:
        nonlocal sent
        writer.write(OK + b"content-length: %d\r\n\r\n" % size)
        while sent < size:
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    async with listening(talk) as upstream:
        reply = await client.send(upstream.call(idle=0.2))
        chunks = chunks_of(reply)
        taken = len(await anext(chunks))
        await asyncio.sleep(0.5)
        assert sent < size, "everything was taken in advance"
        taken += sum([len(chunk) async for chunk in chunks])
    assert taken == size


async def test_an_address_that_is_none_says_so(client: HttpClient) -> None:
    async with listening(saying(HELLO)) as upstream:
        good = upstream.call()
    for url in ("http://", "ftp://x/", "http://127.0.0.1:99999/", "http://no.such.host.invalid/"):
        with pytest.raises(ConnectFailed):
            await client.send(type(good)(url, {}, b"", Timeouts()))
    with pytest.raises(ConnectFailed):
        await client.send(good)


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "snow \N{SNOWMAN}"])
async def test_a_header_cannot_smuggle_another(client: HttpClient, value: str) -> None:
    async with listening(saying(HELLO)) as upstream:
        call = upstream.call()
        call.headers["x-a"] = value
        with pytest.raises(ConnectFailed, match="header"):
            await client.send(call)
    assert upstream.connections == 0
