"""A connection whose requests' heads are too large, or late, is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from server import protocol
from tests.running import make_home, running

GET = b"GET /ready HTTP/1.1\r\nhost: x\r\n"
LARGE = b"".join(b"x-%d: %b\r\n" % (number, b"y" * 1000) for number in range(70))
FIRST = pytest.mark.parametrize("first", [True, False], ids=["first", "second"])


@asynccontextmanager
async def connected(
    home: Path, *, first: bool
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to a server; unless it is for the ``first`` request, one was answered already."""
    async with running(make_home(home, "http://127.0.0.1:1")) as server:
        port = httpx.URL(server.url).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if not first:
            writer.write(GET + b"\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0]))
        yield reader, writer
        writer.close()


@FIRST
@pytest.mark.parametrize("pieces", [[GET + LARGE + b"\r\n"], [GET, LARGE]], ids=["whole", "begun"])
async def test_a_head_that_is_too_large_is_refused_as_soon_as_it_is(
    tmp_path: Path, pieces: list[bytes], *, first: bool
) -> None:
    async with connected(tmp_path, first=first) as (reader, writer):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")


@FIRST
async def test_a_header_without_an_end_is_refused(tmp_path: Path, *, first: bool) -> None:
    async with connected(tmp_path, first=first) as (reader, writer):
        writer.write(GET + b"x: " + b"y" * 5 * protocol.HEADER_BYTES)
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")


@FIRST
async def test_a_large_head_in_many_small_headers_within_the_limit_is_served(
    tmp_path: Path, *, first: bool
) -> None:
    async with connected(tmp_path, first=first) as (reader, writer):
        writer.write(GET + LARGE[: len(LARGE) // 2].rpartition(b"\r\n")[0] + b"\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")


@FIRST
async def test_a_head_that_is_late_ends_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, first: bool
) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.1)
    async with connected(tmp_path, first=first) as (reader, writer):
        writer.write(GET)
        assert await reader.read() == b""
