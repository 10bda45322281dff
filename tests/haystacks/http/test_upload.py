"""The HTTP client sends any method, and bodies that are still coming; answers may stay packed."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from haystacks.errors import ConnectFailed, UpstreamTimeout
from haystacks.http.call import Upload
from haystacks.http.client import HttpClient
from haystacks.pool import Timeouts
from tests.haystacks.http.upstreams import Listening, Writer, listening, saying, served

HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
PIECE = b"x" * 65536


class _HungUp(Exception):
    pass


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.close()


async def pieces(*each: bytes) -> AsyncIterator[bytes]:
    for piece in each:
        await asyncio.sleep(0)
        yield piece


async def endless(sent: Callable[[], object] = lambda: None) -> AsyncIterator[bytes]:
    while True:
        sent()
        yield PIECE


async def test_a_body_of_known_length_is_sent_as_it_comes(client: HttpClient) -> None:
    async with listening(saying(HELLO)) as upstream:
        call = replace(upstream.call(), upload=Upload(pieces(b"he", b"", b"llo"), 5), method="PUT")
        assert await (await client.send(call)).read() == b"hello"
    assert upstream.heads[0].startswith(b"PUT /v1 HTTP/1.1\r\n")
    assert upstream.bodies == [b"hello"]


async def test_a_body_of_unknown_length_is_sent_in_chunks(client: HttpClient) -> None:
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        heard.append(await reader.readuntil(b"\r\n0\r\n\r\n"))
        writer.write(HELLO)
        await reader.read()

    async with served(serve) as port:
        call = replace(Listening(port).call(), upload=Upload(pieces(b"hel", b"lo")))
        assert await (await client.send(call)).read() == b"hello"
    assert b"transfer-encoding: chunked" in heard[0]
    assert heard[1] == b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"


async def test_a_connection_serves_again_after_an_upload(client: HttpClient) -> None:
    async with listening(saying(HELLO)) as upstream:
        await (await client.send(replace(upstream.call(), upload=Upload(pieces(b"a"), 1)))).read()
        await (await client.send(upstream.call())).read()
    assert upstream.connections == 1


async def test_an_upstream_that_reads_slowly_holds_the_upload_back(client: HttpClient) -> None:
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += 1

    async def serve(reader: asyncio.StreamReader, _writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.Event().wait()

    async with served(serve) as port:
        upload = Upload(endless(count))
        call = replace(Listening(port).call(first_byte=0.3), upload=upload)
        with pytest.raises(UpstreamTimeout):
            await client.send(call)
    assert 0 < taken * len(PIECE) < 24 * 1024 * 1024


async def test_an_answer_before_the_end_of_the_upload_ends_it(client: HttpClient) -> None:
    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HELLO)
        while await reader.read(65536):
            pass

    async with served(serve) as port:
        call = replace(Listening(port).call(), upload=Upload(endless()))
        assert await (await client.send(call)).read() == b"hello"


async def test_what_ends_an_upload_ends_the_call(client: HttpClient) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"he"
        raise _HungUp

    async with listening(saying(HELLO)) as upstream:
        with pytest.raises(_HungUp):
            await client.send(replace(upstream.call(), upload=Upload(broken(), 5)))
    assert upstream.bodies == []


async def test_an_upstream_that_closes_amid_an_upload_is_no_connection(client: HttpClient) -> None:
    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    async with served(serve) as port:
        with pytest.raises(ConnectFailed):
            await client.send(replace(Listening(port).call(), upload=Upload(endless())))


async def test_the_answer_to_head_has_no_body_whatever_it_tells(client: HttpClient) -> None:
    told = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n"
    async with listening(saying(told)) as upstream:
        for _ in range(2):
            reply = await client.send(replace(upstream.call(body=b""), method="HEAD"))
            assert (reply.headers["content-length"], await reply.read()) == ("500", b"")


async def test_a_raw_answer_stays_packed(client: HttpClient) -> None:
    packed = gzip.compress(b"hello")
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    async with listening(saying(head + packed)) as upstream:
        assert await (await client.send(replace(upstream.call(), raw=True))).read() == packed
        assert await (await client.send(upstream.call())).read() == b"hello"


async def test_a_time_without_end_is_one(client: HttpClient) -> None:
    async with listening(saying(HELLO)) as upstream:
        call = replace(upstream.call(), timeouts=Timeouts(total=float("inf")))
        assert await (await client.send(call)).read() == b"hello"
