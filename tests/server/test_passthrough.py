"""What only a provider offers passes to it, and back, byte for byte."""

from __future__ import annotations

import asyncio
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.platform_home import KEYS, Says, make_platform, passing
from tests.running import running, write
from tests.standin import Held, Raw, StandIn, refused_url
from tests.standin.wire import Seen, Wire

VERSION = {"anthropic-version": "2026-10-21"}
ALL_BYTES = bytes(range(256)) * 64


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
async def test_any_method_passes_with_its_query_and_its_body(tmp_path: Path, method: str) -> None:
    async with passing(tmp_path) as (_, upstream, client):
        answer = await client.request(
            method, "/v1/agents/ag_1/x%20y?beta=true&a=%2F&a=2", content=ALL_BYTES, headers=VERSION
        )
    assert answer.status_code == 200
    [seen] = upstream.requests
    assert (seen.method, seen.path) == (method, "/v1/agents/ag_1/x%20y?beta=true&a=%2F&a=2")
    assert seen.raw == ALL_BYTES


async def test_the_clients_key_stays_here_and_ours_goes_out(tmp_path: Path) -> None:
    sent = {
        **VERSION,
        "anthropic-beta": "skills-2025-10-02",
        "content-type": "text/odd; x=1",
        "x-api-key": "sk-client",
        "authorization": "Bearer sk-client",
        "cookie": "a=b",
        "x-custom": "kept",
        "x-rolegraph-role": "claude",
    }
    async with passing(tmp_path) as (_, upstream, client):
        await client.post("/v1/skills", content=b"body", headers=sent)
        await client.get("/v1/vector_stores", headers={"authorization": "Bearer sk-client"})
    anthropic, openai = (seen.headers for seen in upstream.requests)
    assert anthropic["x-api-key"] == "sk-ours-anthropic"
    for name in ("anthropic-version", "anthropic-beta", "content-type", "x-custom"):
        assert anthropic[name] == sent[name]
    assert not {"authorization", "cookie", "x-rolegraph-role"} & anthropic.keys()
    assert openai["authorization"] == "Bearer sk-ours-openai"
    assert "sk-client" not in str(upstream.requests)


async def test_status_headers_and_body_come_back_as_they_were(tmp_path: Path) -> None:
    packed = gzip.compress(ALL_BYTES)
    told = {
        "content-type": "application/octet-stream",
        "content-encoding": "gzip",
        "request-id": "req_theirs",
        "retry-after": "7",
        "x-odd": "kept",
        "set-cookie": "theirs=1",
        "keep-alive": "timeout=5",
    }
    async with passing(tmp_path, Says(packed, 418, told)) as (_, upstream, client):
        asked = client.build_request("GET", "/v1/skills/1/content", headers=VERSION)
        answer = await client.send(asked, stream=True)
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert (answer.status_code, raw) == (418, packed)
    assert upstream.requests[0].headers["accept-encoding"] == asked.headers["accept-encoding"]
    for name in ("content-type", "content-encoding", "retry-after", "x-odd"):
        assert answer.headers[name] == told[name]
    assert answer.headers["x-rolegraph-upstream-request-id"] == "req_theirs"
    assert answer.headers["request-id"] not in ("", "req_theirs")
    assert not {"set-cookie", "keep-alive"} & answer.headers.keys()
    assert (answer.headers["x-rolegraph-role"], answer.headers["x-rolegraph-haystack"]) == (
        "coder",
        "claude",
    )


async def test_an_error_of_the_provider_passes_as_it_is(tmp_path: Path) -> None:
    body = b'{"type": "error",  "error": {"type": "odd_error", "message": "no"}}'
    async with passing(tmp_path, Says(body, 529)) as (_, upstream, client):
        answer = await client.get("/v1/sessions", headers=VERSION)
    assert (answer.status_code, answer.content) == (529, body)
    assert len(upstream.requests) == 1


async def test_events_arrive_one_by_one(tmp_path: Path) -> None:
    gate = asyncio.Event()

    class Speaks:
        async def play(self, _request: Seen, wire: Wire) -> None:
            await wire.begin(200, {"content-type": "text/event-stream"})
            await wire.chunk(b"event: a\ndata: 1\n\n")
            await gate.wait()
            await wire.chunk(b"event: b\ndata: 2\n\n")
            await wire.end()

    async with passing(tmp_path, Speaks()) as (_, _, client):
        async with client.stream("GET", "/v1/sessions/s/events", headers=VERSION) as answer:
            pieces = answer.aiter_bytes()
            assert await anext(pieces) == b"event: a\ndata: 1\n\n"
            gate.set()
            assert await anext(pieces) == b"event: b\ndata: 2\n\n"
            assert [piece async for piece in pieces] == []


async def test_multipart_keeps_its_boundary_and_every_byte(tmp_path: Path) -> None:
    async with passing(tmp_path) as (_, upstream, client):
        asked = client.build_request(
            "POST", "/v1/skills", files={"files[]": ("a.bin", ALL_BYTES)}, headers=VERSION
        )
        await asked.aread()
        await client.send(asked)
    [seen] = upstream.requests
    assert (seen.raw, seen.headers["content-type"]) == (
        asked.content,
        asked.headers["content-type"],
    )


async def test_the_vendor_is_told_by_headers_or_by_the_path(tmp_path: Path) -> None:
    async with passing(tmp_path) as (_, upstream, client):
        for path, headers in (
            ("/v1/skills", VERSION),
            ("/v1/skills", {}),
            ("/v1/memory_stores", {}),
            ("/v1/images/generations", {}),
            ("/v1/responses/resp_1", {}),
            ("/role/gpt/v1/audio/speech", {}),
        ):
            await client.post(path, content=b"{}", headers=headers)
    went = ["claude" if "x-api-key" in seen.headers else "gpt" for seen in upstream.requests]
    assert went == ["claude", "gpt", "claude", "gpt", "gpt", "gpt"]
    assert upstream.requests[-1].path == "/v1/audio/speech"


@pytest.mark.parametrize(
    ("headers", "shape"), [(VERSION, {"type", "error", "request_id"}), ({}, {"error"})]
)
async def test_without_the_vendors_haystack_it_is_not_supported(
    tmp_path: Path, headers: dict[str, str], shape: set[str]
) -> None:
    async with passing(tmp_path, role="none") as (_, upstream, client):
        answer = await client.get("/v1/skills", headers=headers)
    assert answer.status_code == 501
    assert answer.headers["x-should-retry"] == "false"
    assert set(answer.json()) == shape
    error = answer.json()["error"]
    assert "not_supported" in (error["type"], error.get("code"))
    assert "the role none has no active haystack" in error["message"]
    assert not upstream.requests


async def test_who_asks_openai_for_files_hears_how_to_ask_for_those_that_are_kept_here(
    tmp_path: Path,
) -> None:
    async with passing(tmp_path, role="none") as (_, _, client):
        openai = await client.get("/v1/files")
        anthropic = await client.get("/v1/files/file_1/unknown", headers=VERSION)
    assert (openai.status_code, anthropic.status_code) == (501, 501)
    assert "send the header anthropic-version" in openai.text
    assert "send the header" not in anthropic.text


async def test_simulated_and_inactive_haystacks_have_nothing_to_pass_to(tmp_path: Path) -> None:
    home = make_platform(tmp_path, refused_url())
    for simulate, environ in ((True, KEYS), (False, {})):
        async with running(home, simulate=simulate, environ=environ) as proxy:
            async with proxy.client() as client:
                assert (await client.get("/v1/skills", headers=VERSION)).status_code == 501


async def test_a_client_that_leaves_takes_the_upstream_call_along(tmp_path: Path) -> None:
    async with passing(tmp_path, Held(asyncio.Event(), after=-1)) as (_, upstream, client):
        call = asyncio.create_task(
            client.post("/v1/sessions", json={"model": "x"}, headers=VERSION)
        )
        await upstream.until(lambda: upstream.open_calls == 1)
        call.cancel()
        await upstream.until(lambda: upstream.hang_ups == 1, timeout=1)


async def test_a_client_that_leaves_amid_its_upload_leaves_no_call_behind(tmp_path: Path) -> None:
    async with passing(tmp_path) as (proxy, upstream, _):
        port = int(proxy.url.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1/skills HTTP/1.1\r\nhost: 127.0.0.1\r\nanthropic-version: 1\r\n")
        writer.write(b"content-length: 1000\r\n\r\nhalf")
        await writer.drain()
        await until(lambda: upstream.connections == 1)
        writer.transport.abort()
        await until(lambda: not upstream._tasks)
    assert not upstream.requests


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_provider_that_dies_amid_its_answer_leaves_none_that_looks_whole(
    tmp_path: Path,
) -> None:
    for head in (b"content-length: 500\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n5\r\n"):
        dying = Raw(b"HTTP/1.1 200 OK\r\n" + head + b"hello")
        async with passing(tmp_path, dying) as (_, _, client):
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get("/v1/skills", headers=VERSION)


async def test_a_provider_that_is_down_is_a_503_in_the_clients_shape(tmp_path: Path) -> None:
    home = make_platform(tmp_path, refused_url())
    async with running(home, environ=KEYS) as proxy, proxy.client() as client:
        answer = await client.get("/v1/skills", headers=VERSION)
    assert (answer.status_code, answer.json()["type"]) == (503, "error")


async def test_passed_calls_count_against_the_limits_of_a_key(tmp_path: Path) -> None:
    digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"  # of "secret"
    async with StandIn((Says(),)) as upstream:
        home = make_platform(tmp_path, upstream.url)
        keys = f"keys: [{{name: ann, sha256: {digest}, limits: {{requests_per_minute: 2}}}}]\n"
        write(home, "keys.yaml", keys)
        async with running(home, environ=KEYS, require_keys="always") as proxy:
            async with proxy.client(**VERSION) as client:
                assert (await client.get("/v1/skills")).status_code == 401
                client.headers["x-api-key"] = "secret"
                answers = [(await client.get("/v1/skills")).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert len(upstream.requests) == 2


async def test_a_large_upload_goes_through_without_filling_memory(tmp_path: Path) -> None:
    size, piece = 200 * 1024 * 1024, b"x" * (1024 * 1024)
    taken = 0

    async def sink(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        await reader.readuntil(b"\r\n\r\n")
        while taken < size and (data := await reader.read(1 << 18)):
            taken += len(data)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(sink, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, running(make_platform(tmp_path, url), environ=KEYS) as proxy:
        port = int(proxy.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1/skills HTTP/1.1\r\nhost: 127.0.0.1\r\nanthropic-version: 1\r\n")
        writer.write(b"content-length: %d\r\n\r\n" % size)
        before = most = resident()
        for _ in range(size // len(piece)):
            writer.write(piece)
            await writer.drain()
            most = max(most, resident())
        assert b" 200 " in await reader.readline()
        writer.close()
    assert taken == size
    assert most - before < 20 * 1024 * 1024


async def test_a_large_answer_waits_for_a_client_that_reads_slowly(tmp_path: Path) -> None:
    size, piece = 64 * 1024 * 1024, b"x" * (1024 * 1024)
    given = 0

    class Gives:
        async def play(self, _request: Seen, wire: Wire) -> None:
            nonlocal given
            await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
            while given < size:
                await wire.send(piece)
                given += len(piece)

    async with passing(tmp_path, Gives()) as (_, _, client):
        async with client.stream("GET", "/v1/files/f/content") as answer:
            pieces = answer.aiter_raw()
            taken = len(await anext(pieces))
            await asyncio.sleep(0.3)
            assert given < size, "everything was taken in advance"
            taken += sum([len(each) async for each in pieces])
    assert taken == size


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
