"""What else decides, over real sockets: a home's router, rules, measured traffic, hedges."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.keys import create_key
from tests.running import ROLE, make_home, running, user, write
from tests.standin import Answer, Behaviour, Held, Script, Silent, Slow, StandIn, Status
from tests.talk import AGAIN, CALL, Clock, Talk, looking, went

FIRST, SECOND = "first,plain-model", "second,plain-model"
CODE = {"TEST_KEY": "k", "ROLEGRAPH_ALLOW_CODE": "1"}
ANSWER = (Answer(),)

ROUTER = '''
    def route(facts, decision):
        """Send drafts to the second choice; get lost at a riddle."""
        if "riddle" in facts.text:
            raise ValueError(facts.text)
        return "second,draft-model" if "draft" in facts.text else decision
'''


@dataclass(frozen=True, slots=True)
class World:
    client: httpx.AsyncClient
    first: StandIn
    second: StandIn

    async def ask(self, words: str = "hi", **more: Any) -> httpx.Response:
        answer = await self.client.post("/v1/messages", json=user(words, **more))
        assert answer.status_code == 200, answer.text
        return answer

    async def route(self, words: str = "hi") -> dict[str, Any]:
        told: dict[str, Any] = (await self.client.post("/api/route", json={"prompt": words})).json()
        return told


@asynccontextmanager
async def world(
    home: Path, *, role: str = ROLE, first: Script = ANSWER, second: Script = ANSWER, **more: Any
) -> AsyncIterator[World]:
    async with StandIn(first) as one, StandIn(second) as two:
        write(make_home(home, one.url, two.url), "roles/coder.yaml", role)
        async with running(home, **more) as server, server.client() as client:
            yield World(client, one, two)


# -- A home's router


async def test_a_homes_router_has_the_last_word_but_not_within_a_turn(tmp_path: Path) -> None:
    write(tmp_path, "router.py", ROUTER)
    more: Any = {"environ": CODE, "allow_code": True}
    async with world(tmp_path, first=looking, second=looking, **more) as here:
        answer = await here.ask("a draft, please")
        assert (went(answer), answer.headers["x-rolegraph-phase"]) == (
            "second,draft-model",
            "router",
        )
        assert went(await here.ask("a letter, please")) == FIRST
        talk = Talk(here.client, {"x-session-id": "s1"})
        assert await talk.says(f"plan mode: {AGAIN}") == "first,deep-model"
        assert await talk.result(f"a draft; {AGAIN}") == "first,deep-model"
        assert await talk.says("now a draft") == "second,draft-model"


async def test_whatever_goes_wrong_with_it_the_decision_stands_and_says_so(tmp_path: Path) -> None:
    write(tmp_path, "router.py", ROUTER)
    async with world(tmp_path, environ=CODE, allow_code=True) as here:
        answer = await here.ask("a riddle")
        told = await here.route("a riddle")
    assert went(answer) == FIRST
    assert "router.py raised ValueError" in told["trace"][-1]["reason"]


# -- Rules

RULES = """
    rules:
      - when: {key: "ci-*"}
        route: [second, night-model]
      - when: {hour: "%s"}
        route: [second, late-model]
      - when: {tokens: "> 500"}
        strategy: static
"""


async def test_a_rule_knows_the_key_and_the_hour(tmp_path: Path) -> None:
    clock = Clock()
    hour = datetime.fromtimestamp(clock.now).astimezone().hour
    role = ROLE + RULES % f"{(hour + 1) % 24}-{(hour + 2) % 24}"
    keys = {name: create_key(tmp_path, name) for name in ("ci-main", "laptop")}
    async with world(tmp_path, role=role, clock=clock) as here:
        here.client.headers["x-api-key"] = keys["ci-main"]
        assert went(await here.ask()) == "second,night-model"
        here.client.headers["x-api-key"] = keys["laptop"]
        assert went(await here.ask()) == FIRST
        clock.now += 3600
        assert went(await here.ask()) == "second,late-model"
        told = await here.route()
        clock.now += 3600
        assert went(await here.ask()) == FIRST
    (why,) = [step["reason"] for step in told["trace"] if step["phase"] == "pattern"]
    assert why.startswith("rule 2 (hour ")


# -- Measured traffic

FASTEST = (
    ROLE
    + """
    strategy: latency_first
    phases: [explicit, pattern, session, cost, performance, scenario]
    performance: {min_samples: 3}
"""
)


async def test_the_quicker_one_is_preferred_once_both_were_measured(tmp_path: Path) -> None:
    slow = [Slow(first_byte=0.1)]
    async with world(tmp_path, role=FASTEST, first=slow) as here:
        assert went(await here.ask()) == FIRST
        before = await here.route()
        for number in range(4):
            await here.ask(f"first {number}", model=FIRST, stream=True)
            await here.ask(f"second {number}", model=SECOND, stream=True)
        after = await here.route()
        answer = await here.ask("which one now?")
    assert before["phase"] == "scenario"
    assert any("samples" in step["reason"] for step in before["trace"])
    assert (after["phase"], went(answer)) == ("performance", SECOND)
    quick, slow_one = (each["measures"] for each in after["candidates"])
    assert quick["first_token"] < 0.1 < slow_one["first_token"]
    assert quick["samples"] == pytest.approx(4, abs=0.1)
    assert quick["success"] == 1.0


async def test_it_does_not_end_a_turn_that_is_under_way(tmp_path: Path) -> None:
    def script(seen: Any) -> Behaviour:
        return Slow(first_byte=0.1, answer=looking(seen))

    async with world(tmp_path, role=FASTEST, first=script, second=looking) as here:
        talk = Talk(here.client, {"x-session-id": "s1"})
        assert await talk.says(AGAIN) == FIRST
        for number in range(4):
            await here.ask(f"first {number}", model=FIRST)
            await here.ask(f"second {number}", model=SECOND)
        assert await talk.result() == FIRST
        assert (await here.route())["phase"] == "performance"


# -- Hedges


@pytest.mark.parametrize("how", ["whole", "streamed"])
async def test_where_the_first_is_late_the_second_answers_and_the_first_is_hung_up(
    tmp_path: Path, how: str
) -> None:
    async with world(tmp_path, first=[Silent()], hedge_seconds=0.05) as here:
        answer = await here.ask(stream=how == "streamed")
        await here.first.until(lambda: here.first.hang_ups == 1)
    assert went(answer) == SECOND
    assert answer.headers["x-rolegraph-attempts"] == "2"
    assert "Hello from the stand-in." in answer.text or how == "streamed"
    assert (len(here.first.requests), len(here.second.requests)) == (1, 1)


async def test_where_the_second_is_later_still_the_first_answers(tmp_path: Path) -> None:
    gate = asyncio.Event()
    script = [Held(gate, after=-1)]
    async with world(tmp_path, first=script, second=[Silent()], hedge_seconds=0.05) as here:
        asked = asyncio.create_task(here.ask())
        await here.second.until(lambda: here.second.open_calls == 1)
        gate.set()
        assert went(await asked) == FIRST
        await here.second.until(lambda: here.second.hang_ups == 1)


async def test_a_turn_that_is_under_way_is_not_hedged(tmp_path: Path) -> None:
    gate = asyncio.Event()
    script: Script = [
        Answer(text="", calls=(CALL,)),
        Held(gate, after=-1, answer=Answer(text="at last")),
    ]
    async with world(tmp_path, first=script, second=looking, hedge_seconds=0.05) as here:
        talk = Talk(here.client, {"x-session-id": "s1"})
        assert await talk.says(AGAIN) == FIRST
        result = asyncio.create_task(talk.result())
        await here.first.until(lambda: len(here.first.requests) == 2)
        asyncio.get_running_loop().call_later(0.2, gate.set)
        assert await result == FIRST
    assert not here.second.requests


async def test_who_lost_a_race_or_met_a_limit_has_not_answered_badly(tmp_path: Path) -> None:
    script: Script = [Silent(), Status(429)]
    async with world(tmp_path, first=script, hedge_seconds=0.05) as here:
        here.client.headers["x-session-id"] = "s1"
        for words in ("one", "two"):
            assert went(await here.ask(words)) == SECOND
        shown = (await here.client.get("/api/sessions/s1")).json()
    assert [each["candidate"]["haystack"] for each in shown["models"]] == ["second"]
