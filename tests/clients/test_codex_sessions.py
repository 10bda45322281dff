"""Codex's sessions: one model for each turn, listed under the session's own id."""

from __future__ import annotations

from pathlib import Path

from tests.clients.codex import ask, codex, shell
from tests.clients.tool_results import results
from tests.running import make_home, running, write
from tests.standin import Answer, Behaviour, Seen, StandIn

pytestmark = codex

MOVED = "synonyms:: plan mode\nroute:: second, quick-model\npriority:: 99"


async def test_a_turn_keeps_its_model_while_a_concept_is_edited(tmp_path: Path) -> None:
    calls = shell("echo one", "echo two", "echo three")
    home = tmp_path / "home"

    def script(seen: Seen) -> Behaviour:
        done = len(results(seen))
        if done == 1:
            write(home, "kg/routing/think_routing.md", MOVED)
        return Answer(text="all done") if done == len(calls) else Answer("", (calls[done],))

    async with StandIn(script) as first, StandIn(script) as second:
        make_home(home, first.url, second.url)
        async with running(home) as proxy, proxy.client() as client:
            ended = await ask(proxy.url, "in plan mode, take three steps", tmp_path / "work")
            listed = (await client.get("/api/sessions")).json()["sessions"]
            (shown,) = [(await client.get(f"/api/sessions/{each['id']}")).json() for each in listed]
    assert ended.said == "all done", ended.log
    assert [seen.model for seen in first.requests] == ["deep-model"] * 4
    assert not second.requests
    (lane,) = shown["conversations"]
    assert not shown["id"].startswith("~")
    assert not lane["turn"].startswith("~")
    assert lane["answers"] == 4
