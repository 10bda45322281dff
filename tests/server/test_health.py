"""Whether it lives, whether it is ready, and what answers at other paths."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson

from tests.running import make_home, running, user
from tests.standin import Answer, StandIn

NOWHERE = "http://127.0.0.1:9"


async def test_probes_are_answered_to_get_and_head_and_need_no_key(tmp_path: Path) -> None:
    home = make_home(tmp_path, NOWHERE)
    async with running(home, require_keys="always") as proxy, proxy.client() as client:
        for path in ("/", "/health", "/live", "/ready"):
            got, head = await client.get(path), await client.head(path)
            assert (got.status_code, head.status_code) == (200, 200)
            assert head.content == b""
            assert got.json()


async def test_what_claude_code_asks_anthropics_server_before_it_starts_is_answered(
    tmp_path: Path,
) -> None:
    home = make_home(tmp_path, NOWHERE)
    async with running(home, require_keys="always") as proxy, proxy.client() as client:
        answers = [await client.head(path) for path in ("/", "/api/hello", "/role/cheap/api/hello")]
    assert [answer.status_code for answer in answers] == [200, 200, 200]


async def test_without_an_active_haystack_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    home = make_home(tmp_path, NOWHERE)
    async with running(home, environ={}) as proxy, proxy.client() as client:
        ready, live = await client.get("/ready"), await client.get("/live")
    assert (ready.status_code, ready.json()["status"]) == (503, "no active haystack")
    assert live.status_code == 200


async def test_the_details_name_each_haystack_and_why_it_is_idle(tmp_path: Path) -> None:
    home = make_home(tmp_path, NOWHERE)
    async with running(home, environ={}) as proxy, proxy.client() as client:
        told = (await client.get("/health/detailed")).json()
    assert told["haystacks"]["first"] == {
        "active": False,
        "reason": "TEST_KEY is not set",
        "service": "anthropic-compatible",
        "dialect": "anthropic",
        "simulated": False,
        "models": 0,
        "health": {"state": "ok", "models": {}, "keys": []},
    }
    assert told["shared_state"] == "ok"
    assert told["reload"]["ok"] is True
    assert told["in_flight"] == 0


async def test_the_details_need_a_key_where_one_is_required(tmp_path: Path) -> None:
    home = make_home(tmp_path, NOWHERE)
    async with running(home, require_keys="always") as proxy, proxy.client() as client:
        for path in ("/health/detailed", "/api/roles", "/api/reload", "/v1/models"):
            assert (await client.get(path)).status_code == 401
        assert (await client.post("/api/reload")).status_code == 401


VERSION = {"anthropic-version": "2023-06-01"}


async def test_what_is_not_served_is_told_in_the_callers_shape(tmp_path: Path) -> None:
    async with running(make_home(tmp_path, NOWHERE)) as proxy, proxy.client() as client:
        for path, headers, shape in (
            ("/v1/messages/", {}, "anthropic"),
            ("/v1/chat/completions/", {}, "openai_chat"),
            ("/role//v1/models", {}, "openai_chat"),
            ("/role/coder/nothing", VERSION, "anthropic"),
            ("/apiary", {}, "openai_chat"),
        ):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == 404, path
            told = answer.json()
            assert path.removeprefix("/role/coder") in told["error"]["message"]
            assert (told.get("type") == "error") == (shape == "anthropic")
            assert answer.headers["request-id"] == answer.headers["x-request-id"]


async def test_a_wrong_method_is_told_with_the_right_one(tmp_path: Path) -> None:
    async with running(make_home(tmp_path, NOWHERE)) as proxy, proxy.client() as client:
        for path, shape in (("/v1/messages", "error"), ("/v1/chat/completions", None)):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
            assert answer.json().get("type") == shape


async def test_a_model_is_not_measured_by_how_slowly_a_client_sends(tmp_path: Path) -> None:
    body, slow = orjson.dumps(user("hello")), 0.5

    async def slowly() -> AsyncIterator[bytes]:
        yield body[:10]
        await asyncio.sleep(slow)
        yield body[10:]

    async with (
        StandIn([Answer()]) as provider,
        running(make_home(tmp_path, provider.url)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.post("/v1/messages", content=slowly())
        assert answer.status_code == 200, answer.text
        told = (await client.get("/health/detailed")).json()["haystacks"]
    (model,) = told[answer.headers["x-rolegraph-haystack"]]["health"]["models"].values()
    assert model["measures"]["first_token"] < slow
