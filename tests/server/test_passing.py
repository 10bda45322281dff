"""Whom a call may pass to, what it counts for, and what is kept of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.platform_home import KEYS, Says, make_platform, passing
from tests.running import running, user, write
from tests.standin import Answer, StandIn

VERSION = {"anthropic-version": "2026-10-21"}
SUBSCRIPTION = "Bearer sk-ant-oat01-theirs"


async def test_a_subscription_passes_its_own_token_and_nobody_elses(tmp_path: Path) -> None:
    async with StandIn((Says(),)) as upstream:
        home = make_platform(tmp_path, upstream.url)
        file = f"name: claude\nservice: anthropic\nlocation: {upstream.url}\nauth: passthrough\n"
        write(home, "haystacks/claude.yaml", file)
        async with running(home, environ=KEYS) as proxy, proxy.client(**VERSION) as client:
            own = await client.get("/v1/skills", headers={"authorization": SUBSCRIPTION})
            other = await client.get("/v1/skills", headers={"authorization": "Bearer sk-other"})
    assert (own.status_code, other.status_code) == (200, 501)
    [seen] = upstream.requests
    assert seen.headers["authorization"] == SUBSCRIPTION
    assert "x-api-key" not in seen.headers


async def test_the_first_key_of_several_is_always_the_one(tmp_path: Path) -> None:
    async with StandIn((Says(),)) as upstream:
        home = make_platform(tmp_path, upstream.url, more="api_key: ['${ONE}', '${TWO}']\n")
        environ = {"ONE": "sk-one", "TWO": "sk-two"}
        async with running(home, environ=environ) as proxy, proxy.client(**VERSION) as client:
            for _ in range(3):
                await client.get("/v1/skills")
    assert {seen.headers["x-api-key"] for seen in upstream.requests} == {"sk-one"}


async def test_a_call_counts_against_the_limits_of_its_haystack(tmp_path: Path) -> None:
    async with StandIn((Says(),)) as upstream:
        home = make_platform(tmp_path, upstream.url, more="limits: {requests_per_minute: 2}\n")
        async with running(home, environ=KEYS) as proxy, proxy.client(**VERSION) as client:
            answers = [await client.get("/v1/skills") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "at its limit of" in answers[-1].json()["error"]["message"]
    assert "retry-after" in answers[-1].headers


async def test_a_budget_that_is_spent_closes_this_way_too(tmp_path: Path) -> None:
    def script(seen: object) -> Answer | Says:
        return Answer(input_tokens=1_000_000) if "messages" in str(seen) else Says()

    async with StandIn(script) as upstream:
        price = "models: [{id: claude-x, price: {input: 3, output: 15}}]\n"
        home = make_platform(tmp_path, upstream.url)
        file = f"name: claude\nservice: anthropic\nlocation: {upstream.url}\n{price}"
        write(home, "haystacks/claude.yaml", file)
        role = "name: claude\nhaystacks: [claude]\nbudget: {daily_usd: 1.0}\n"
        write(home, "roles/claude.yaml", role)
        async with running(home, environ=KEYS, role="claude") as proxy:
            async with proxy.client(**VERSION) as client:
                before = await client.get("/v1/skills")
                await client.post("/v1/messages", json=user("hi"))
                after = await client.get("/v1/skills")
    assert (before.status_code, after.status_code) == (200, 429)
    assert "is spent" in after.json()["error"]["message"]


async def test_a_call_leaves_a_line_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with passing(tmp_path) as (_, _, client):
        await client.get("/v1/skills", headers=VERSION)
    said = capsys.readouterr().out
    for part in ("surface=passthrough", "haystack=claude", "status=200", "outcome=ok"):
        assert part in said
