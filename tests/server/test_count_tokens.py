"""``/v1/messages/count_tokens``: counted here, at once, whatever is asked."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import orjson

from tests.running import make_home, running, user
from tests.standin import StandIn

PATH = "/v1/messages/count_tokens"
CAPTURES = Path(__file__).parent.parent / "captures"


async def test_a_count_names_the_tokens_of_system_tools_and_messages_and_asks_nobody(
    tmp_path: Path,
) -> None:
    tool = {"name": "read", "description": "Reads a file.", "input_schema": {"type": "object"}}
    async with StandIn() as upstream:
        async with running(make_home(tmp_path, upstream.url)) as proxy, proxy.client() as client:

            async def count(**more: object) -> int:
                answer = await client.post(PATH, json={**user("How are you?"), **more})
                assert answer.headers["request-id"].startswith("req_")
                tokens: int = answer.json()["input_tokens"]
                return tokens

            plain = await count()
            assert 4 < plain < 20
            assert await count(system="Be brief.") > plain
            assert await count(tools=[tool]) > plain + 10
        assert upstream.requests == []


async def test_fifty_counts_at_once_take_no_longer_than_a_start_of_a_client_may(
    tmp_path: Path,
) -> None:
    asked = orjson.loads((CAPTURES / "cc_count_tokens_tools.json").read_bytes())
    body = orjson.dumps(asked["body"])
    home = make_home(tmp_path, "http://127.0.0.1:9")
    async with running(home) as proxy, proxy.client() as client:
        await client.post(PATH, content=body)  # loads the tables
        started = time.monotonic()
        answers = await asyncio.gather(*(client.post(PATH, content=body) for _ in range(50)))
        took = time.monotonic() - started
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert took < 1.5


async def test_a_role_in_the_path_does_not_matter(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    async with running(home) as proxy, proxy.client() as client:
        answer = await client.post(f"/role/cheap{PATH}?beta=true", json=user("hello"))
    assert answer.status_code == 200


async def test_what_cannot_be_counted_is_refused_in_anthropics_shape(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    async with running(home, max_body=1000) as proxy, proxy.client() as client:
        for body, status, kind in (
            (b"", 400, "invalid_request_error"),
            (b"[]", 400, "invalid_request_error"),
            (b'{"messages": 5}', 400, "invalid_request_error"),
            (b"x" * 2000, 413, "request_too_large"),
        ):
            answer = await client.post(PATH, content=body)
            assert (answer.status_code, answer.json()["type"]) == (status, "error")
            assert answer.json()["error"]["type"] == kind


async def test_a_count_needs_a_key_where_one_is_required(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    async with running(home, require_keys="always") as proxy, proxy.client() as client:
        answer = await client.post(PATH, json=user("hello"))
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")
