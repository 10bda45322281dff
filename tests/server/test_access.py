"""Who may ask: keys where they are needed, and no web page where they are not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from haystacks.errors import Unauthorized
from server.access import admit
from server.keys import create_key
from server.settings import Settings
from tests.running import make_home, running, user
from tests.standin import Answer, StandIn
from tests.talk import Clock


async def test_a_key_is_accepted_in_either_header_and_in_both(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        key = create_key(home, "mine")
        async with running(home, require_keys="always") as proxy, proxy.client() as client:

            async def status(**headers: str) -> int:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                return (
                    await client.post("/v1/messages", json=user("x"), headers=named)
                ).status_code

            assert await status(x_api_key=key) == 200
            assert await status(authorization=f"Bearer {key}") == 200
            assert await status(authorization=f"bearer  {key}") == 200
            assert await status(x_api_key="sk-ant-dummy", authorization=f"Bearer {key}") == 200
            assert await status(x_api_key=key, authorization="Bearer other") == 200
            assert await status(authorization=f"Basic {key}") == 401
            assert await status(x_api_key=key[:-1]) == 401
            assert await status() == 401
        assert {seen.headers["x-api-key"] for seen in upstream.requests} == {"upstream-key"}
        assert not any("authorization" in seen.headers for seen in upstream.requests)


async def test_a_refusal_tells_a_missing_key_from_an_unknown_one(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    async with running(home, require_keys="always") as proxy, proxy.client() as client:
        missing = await client.post("/v1/messages", json=user("x"))
        unknown = await client.post(
            "/v1/chat/completions", json=user("x"), headers={"authorization": "Bearer rg-wrong"}
        )
    assert (missing.status_code, unknown.status_code) == (401, 401)
    assert missing.json()["error"]["type"] == "authentication_error"
    assert "send it as x-api-key" in missing.json()["error"]["message"]
    assert "does not know the key" in unknown.json()["error"]["message"]
    assert "rg-wrong" not in unknown.text


async def test_a_keys_role_is_used_unless_the_request_names_one(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        key = create_key(home, "mine", "cheap")
        async with running(home) as proxy, proxy.client(**{"x-api-key": key}) as client:
            plain = await client.post("/v1/messages", json=user("x"))
            named = await client.post("/role/coder/v1/messages", json=user("x"))
    assert plain.headers["x-rolegraph-role"] == "cheap"
    assert named.headers["x-rolegraph-role"] == "coder"


async def test_a_web_page_cannot_use_a_server_that_asks_for_no_key(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    key = create_key(home, "mine")
    async with running(home) as proxy, proxy.client() as client:

        async def seen(**headers: str) -> httpx.Response:
            return await client.get("/v1/models", headers=headers)

        assert (await seen()).status_code == 200
        for origin in ("https://evil.example", "null", "http://[", "http://127.0.0.1.evil.example"):
            refused = await seen(origin=origin)
            assert (refused.status_code, origin in refused.text) == (401, True)
        for host in ("evil.example", "[", "127.0.0.1.evil.example:3456", "0x7f.1"):
            assert (await seen(host=host)).status_code == 401, host
        for host in ("localhost:3456", "127.0.0.1", "[::1]:80", "rolegraph.localhost"):
            assert (await seen(host=host)).status_code == 200, host
        for origin in ("http://localhost:5173", "http://127.0.0.1:3456"):
            assert (await seen(origin=origin)).status_code == 200, origin
        known = await seen(origin="https://mine.example", **{"x-api-key": key})
        assert known.status_code == 200


@pytest.mark.parametrize(
    ("host", "require", "needed"),
    [
        ("127.0.0.1", "auto", False),
        ("::1", "auto", False),
        ("localhost", "auto", False),
        ("0.0.0.0", "auto", True),
        ("::", "auto", True),
        ("192.168.1.5", "auto", True),
        ("my-host", "auto", True),
        ("127.0.0.1", "always", True),
        ("0.0.0.0", "never", False),
    ],
)
def test_keys_are_needed_wherever_others_can_reach(host: str, require: str, needed: bool) -> None:  # noqa: FBT001 - a table
    assert Settings.model_validate({"host": host, "require_keys": require}).keys_required == needed


def test_a_server_for_others_looks_at_keys_and_not_at_origins() -> None:
    headers = {"origin": "https://page.example", "host": "models.example"}
    assert admit(headers, (), required=False, loopback=False, now=0) is None
    with pytest.raises(Unauthorized):
        admit(headers, (), required=True, loopback=False, now=0)


async def test_a_key_opens_nothing_from_its_end_on_and_is_told_so(tmp_path: Path) -> None:
    clock = Clock()
    ends = datetime.fromtimestamp(clock.now + 60, UTC)
    key = create_key(tmp_path, "visitor", expires=ends)
    async with StandIn([Answer(), Answer()]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with (
            running(home, clock=clock) as proxy,
            proxy.client(**{"x-api-key": key}) as client,
        ):
            before = await client.post("/v1/messages", json=user("hello"))
            clock.now += 60
            after = await client.post("/v1/messages", json=user("hello"))
    assert before.status_code == 200
    assert after.status_code == 401
    assert after.json()["error"]["message"].startswith('the key "visitor" has expired')
