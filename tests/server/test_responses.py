"""What surrounds ``POST /v1/responses``; the endpoint itself is judged by its clients."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from tests.running import make_home, running
from tests.standin import StandIn

UPGRADE = (
    b"GET /v1/responses HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


async def test_a_websocket_is_refused_at_once_with_the_status_that_makes_codex_fall_back(
    tmp_path: Path,
) -> None:
    async with StandIn() as upstream, running(make_home(tmp_path, upstream.url)) as proxy:
        port = int(proxy.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(UPGRADE)
        async with asyncio.timeout(5):
            answer = await reader.read()  # to the end: the connection is closed
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 426 ")
    assert b"content-length: %d" % len(body) in head
    assert "plain request" in orjson.loads(body)["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/responses", 405),
        ("DELETE", "/v1/responses", 405),
        ("GET", "/v1/responses/resp_1", 404),
        ("DELETE", "/v1/responses/resp_1", 404),
        ("GET", "/v1/responses/resp_1/input_items", 404),
        ("POST", "/v1/responses/resp_1/cancel", 404),
    ],
)
async def test_what_only_stored_responses_offer_is_refused_in_openais_shape(
    tmp_path: Path, method: str, path: str, status: int
) -> None:
    async with StandIn() as upstream, running(make_home(tmp_path, upstream.url)) as proxy:
        async with proxy.client() as client:
            answer = await client.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_a_stored_response_that_is_asked_for_says_what_to_do_instead(tmp_path: Path) -> None:
    async with StandIn() as upstream, running(make_home(tmp_path, upstream.url)) as proxy:
        async with proxy.client() as client:
            answer = await client.get("/v1/responses/resp_1")
    assert "send the whole conversation" in answer.json()["error"]["message"]


async def test_the_tokens_of_an_input_are_counted_without_an_upstream_call(tmp_path: Path) -> None:
    async with StandIn() as upstream, running(make_home(tmp_path, upstream.url)) as proxy:
        async with proxy.client() as client:
            body = {"model": "auto", "input": "hello there"}
            answer = await client.post("/v1/responses/input_tokens", json=body)
    assert answer.json()["object"] == "response.input_tokens"
    assert answer.json()["input_tokens"] > 1
    assert not upstream.requests
