"""Claude Code's sessions: one model for each turn, listed under the session's own id, pinned."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.clients.claude_code import ask, bash, claude_code
from tests.clients.tool_results import results
from tests.running import Running, make_home, running, write
from tests.standin import Answer, Behaviour, Seen, StandIn, Status

pytestmark = claude_code

STEPS = 4
MOVED = "synonyms:: plan mode, deep reasoning\nroute:: second, quick-model\npriority:: 99"


def steps(then: Callable[[int], None] = lambda _: None) -> Callable[[Seen], Behaviour]:
    """Return a script of so many tool calls, one after another; ``then`` is told of each."""

    def script(seen: Seen) -> Behaviour:
        done = len(results(seen))
        if not seen.body.get("tools") or done == STEPS:
            return Answer(text="all done")
        then(done)
        (call,) = bash(f"echo step {done}")
        return Answer(text="", calls=(type(call)(call.name, call.input, f"toolu_{done}"),))

    return script


@asynccontextmanager
async def served(
    folder: Path, script: Callable[[Seen], Behaviour]
) -> AsyncIterator[tuple[Running, StandIn, StandIn]]:
    async with StandIn(script) as first, StandIn(script) as second:
        home = make_home(folder / "home", first.url, second.url)
        async with running(home) as proxy:
            yield proxy, first, second


def turn(*upstreams: StandIn) -> list[tuple[int, str]]:
    """Return which stand-in and which model answered each request of a tool loop."""
    seen = [
        (each.arrived_at, number, each.model)
        for number, upstream in enumerate(upstreams)
        for each in upstream.requests
        if each.body.get("tools")
    ]
    return [(number, model) for _, number, model in sorted(seen)]


async def sessions(proxy: Running) -> list[dict[str, Any]]:
    async with proxy.client() as client:
        listed = (await client.get("/api/sessions")).json()["sessions"]
        return [(await client.get(f"/api/sessions/{each['id']}")).json() for each in listed]


async def test_a_turn_keeps_its_model_while_a_concept_is_edited(tmp_path: Path) -> None:
    home = tmp_path / "home"

    def edit(step: int) -> None:
        if step == 1:
            write(home, "kg/routing/think_routing.md", MOVED)

    async with served(tmp_path, steps(edit)) as (proxy, first, second):
        ended = await ask(proxy.url, "in plan mode, take four steps", tmp_path / "user")
        async with proxy.client() as client:
            asked = await client.post("/api/route", json={"prompt": "plan mode"})
    assert (ended.said, ended.failed) == ("all done", False)
    assert turn(first, second) == [(0, "deep-model")] * (STEPS + 1)
    assert asked.json()["candidates"][0]["model"] == "quick-model", "the edit was live by then"


async def test_its_session_is_listed_under_its_own_id(tmp_path: Path) -> None:
    name = "0f5a6e0c-58c5-4b2e-9d0b-5f4c2c1d9e10"
    async with served(tmp_path, steps()) as (proxy, first, _):
        user = tmp_path / "user"
        await ask(proxy.url, "in plan mode, take four steps", user, "--session-id", name)
        await ask(proxy.url, "and a quick answer", user, "--resume", name)
        (session,) = await sessions(proxy)
    assert session["id"] == name
    assert session["turns"] >= 2
    assert "think_routing" in {each["concept"] for each in session["concepts"]}
    assert first.requests[0].headers["x-claude-code-session-id"] == name


async def test_its_custom_headers_pin_the_model(tmp_path: Path) -> None:
    async with served(tmp_path, steps()) as (proxy, first, second):
        pin = {"ANTHROPIC_CUSTOM_HEADERS": "x-rolegraph-pin: second,chosen-model"}
        await ask(proxy.url, "in plan mode, take four steps", tmp_path / "user", **pin)
        (session,) = await sessions(proxy)
    assert turn(first, second) == [(1, "chosen-model")] * (STEPS + 1)
    assert not first.requests
    assert session["pin"] == {"haystack": "second", "model": "chosen-model"}


async def test_a_provider_that_fails_in_mid_turn_moves_the_turn_once(tmp_path: Path) -> None:
    steady = steps()

    def failing(seen: Seen) -> Behaviour:
        return Status(500) if len(results(seen)) == 2 else steady(seen)

    async with StandIn(failing) as first, StandIn(steady) as second:
        home = make_home(tmp_path / "home", first.url, second.url)
        async with running(home) as proxy:
            ended = await ask(proxy.url, "in plan mode, take four steps", tmp_path / "user")
    assert ended.said == "all done"
    assert turn(first, second) == [(0, "deep-model")] * 3 + [(1, "deep-model")] * 3
