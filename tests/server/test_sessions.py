"""Sessions over real sockets: where a conversation stays, when it leaves, and who may say so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.running import haystack, make_home, running, write
from tests.standin import Behaviour, Seen, StandIn
from tests.talk import AGAIN, Clock, Talk, looking, went

Script = Callable[[Seen], Behaviour]

DEEP, QUICK, PLAIN = "first,deep-model", "second,quick-model", "first,plain-model"
SESSION = {"x-session-id": "s1"}
ROLE = """
    name: Coder
    shortname: coder
    haystacks: [first, second]
    scenarios: {default: [[second, plain-model], [first, plain-model]]}
"""

# What the first one reads from its cache costs a tenth; the second is cheaper, but not by so much.
PRICES = {
    "first": "{input: 3.0, output: 15.0, cache_read: 0.3}",
    "second": "{input: 2.0, output: 10.0}",
}


@dataclass(frozen=True, slots=True)
class World:
    talk: Talk
    first: StandIn
    second: StandIn
    clock: Clock = field(default_factory=Clock)

    async def session(self, name: str = "s1") -> Any:
        answer = await self.talk.client.get(f"/api/sessions/{name}")
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def world(
    home: Path, first: Script = looking, prices: dict[str, str] = PRICES
) -> AsyncIterator[World]:
    """Serve two haystacks whose models cost what ``prices`` says."""
    async with StandIn(first) as one, StandIn(looking) as two:
        make_home(home, one.url, two.url)
        write(home, "roles/coder.yaml", ROLE)
        for name, url in (("first", one.url), ("second", two.url)):
            models = "".join(
                f"  - {{id: {model}, price: {prices[name]}}}\n"
                for model in ("plain-model", "deep-model", "quick-model")
            )
            write(home, f"haystacks/{name}.yaml", haystack(name, url, more=f"models:\n{models}"))
        clock = Clock()
        async with running(home, clock=clock) as server, server.client() as client:
            yield World(Talk(client, dict(SESSION)), one, two, clock)


def cached(seen: Seen) -> Behaviour:
    """Tell with each answer that a prompt of 40,000 tokens is kept."""
    return looking(seen, input_tokens=500, cached_tokens=39_500)


# -- From turn to turn


async def test_a_turn_whose_words_name_a_concept_goes_where_that_leads(tmp_path: Path) -> None:
    async with world(tmp_path, cached) as here:
        assert await here.talk.says("plan mode, please") == DEEP
        assert await here.talk.says("now a quick answer") == QUICK
        assert await here.talk.says("plan mode again") == DEEP
        assert (await here.session())["switches"] == 2


async def test_without_one_it_stays_while_the_cache_is_warm_and_returns_when_it_is_cold(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, cached) as here:
        assert await here.talk.says("plan mode, please") == DEEP
        here.clock.now += 299
        assert await here.talk.says("and the tests?") == DEEP
        here.clock.now += 299  # each use keeps it warm
        assert await here.talk.says("and the docs?") == DEEP
        here.clock.now += 301
        assert await here.talk.says("and the rest?") == "second,plain-model"


async def test_it_leaves_a_warm_cache_for_what_is_cheaper_all_the_same(tmp_path: Path) -> None:
    prices = PRICES | {"second": "{input: 0.1, output: 0.3}"}
    async with world(tmp_path, cached, prices) as here:
        assert await here.talk.says("plan mode, please") == DEEP
        assert await here.talk.says("and the tests?") == "second,plain-model"


async def test_what_no_cache_holds_is_no_reason_to_stay(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        assert await here.talk.says("plan mode, please") == DEEP
        assert await here.talk.says("and the tests?") == "second,plain-model"


async def test_a_streamed_turn_warms_the_cache_as_well(tmp_path: Path) -> None:
    async with world(tmp_path, cached) as here:
        here.talk.messages.append({"role": "user", "content": "plan mode, please"})
        here.talk.more["stream"] = True
        assert went(await here.talk.post()) == DEEP
        here.talk.more["stream"] = False
        here.talk.messages.append({"role": "assistant", "content": "Yes."})
        assert await here.talk.says("and the tests?") == DEEP


async def test_api_route_says_why_and_changes_nothing(tmp_path: Path) -> None:
    async with world(tmp_path, cached) as here:
        await here.talk.says("plan mode, please")
        before = await here.session()
        here.talk.messages.append({"role": "user", "content": "and the tests?"})
        asked = await here.talk.client.post(
            "/api/route", json={"messages": here.talk.messages}, headers=SESSION
        )
        told = asked.json()
        assert await here.session() == before
    assert told["phase"] == "session"
    assert told["session"] | {"turn": ""} == {
        "id": "s1",
        "conversation": told["session"]["conversation"],
        "turn": "",
        "known": True,
    }
    why = {step["phase"]: step["reason"] for step in told["trace"]}
    assert "would cost" in why["session"]
    assert [each["haystack"] for each in told["candidates"]] == ["first", "second", "first"]
    assert all(each["estimated_usd"] > 0 for each in told["candidates"])


# -- Whose session it is


USER_IDS = {
    "plain": "user_5f_account__session_s1",
    "with an account": "user_5f_account_8a-1_session_s1",
    "JSON": json.dumps({"device_id": "d", "account_uuid": "", "session_id": "s1"}),
}


@pytest.mark.parametrize("form", USER_IDS)
async def test_claude_codes_user_id_names_the_session(tmp_path: Path, form: str) -> None:
    async with world(tmp_path, cached) as here:
        here.talk.headers.clear()
        here.talk.more["metadata"] = {"user_id": USER_IDS[form]}
        assert await here.talk.says("plan mode, please") == DEEP
        assert await here.talk.says("and the tests?") == DEEP
        assert (await here.session())["turns"] == 2


@pytest.mark.parametrize(
    "header", ["x-session-id", "x-claude-code-session-id", "session-id", "session_id"]
)
async def test_a_header_names_the_session(tmp_path: Path, header: str) -> None:
    async with world(tmp_path, cached) as here:
        here.talk.headers = {header: "s1"}
        await here.talk.says("plan mode, please")
        assert await here.talk.says("and the tests?") == DEEP
        assert (await here.session())["turns"] == 2


async def test_codex_names_session_thread_and_turn(tmp_path: Path) -> None:
    async with world(tmp_path, cached) as here:
        named = {
            "session-id": "s1",
            "thread-id": "t1",
            "x-codex-turn-metadata": '{"turn_id":"turn-7","sandbox":"none"}',
        }
        body = {"model": "gpt-5.2-codex", "input": "plan mode, please"}
        answer = await here.talk.client.post("/v1/responses", json=body, headers=named)
        assert went(answer) == DEEP
        (lane,) = (await here.session())["conversations"]
    assert (lane["conversation"], lane["turn"]) == ("t1", "turn-7")


async def test_without_a_name_a_conversation_is_known_by_its_beginning(tmp_path: Path) -> None:
    async with world(tmp_path, cached) as here:
        here.talk.headers.clear()
        other = Talk(here.talk.client)
        assert await here.talk.says(f"plan mode: {AGAIN}") == DEEP
        assert await other.says(f"a quick answer: {AGAIN}") == QUICK
        assert await here.talk.result() == DEEP
        assert await other.result() == QUICK
        listed = (await here.talk.client.get("/api/sessions")).json()
    assert listed["total"] == 2
    assert all(each["id"].startswith("~") for each in listed["sessions"])


# -- Pins


async def test_a_pin_holds_for_the_session_until_none_takes_it_away(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        assert await here.talk.says("hello", x_rolegraph_pin="first,quick-model") == (
            "first,quick-model"
        )
        assert await here.talk.says("plan mode, please") == "first,quick-model"
        assert (await here.session())["pin"] == {"haystack": "first", "model": "quick-model"}
        assert await here.talk.says("plan mode again", x_rolegraph_pin="none") == DEEP
        assert (await here.session())["pin"] is None
        assert await here.talk.says("a quick answer") == QUICK


async def test_a_pin_moves_a_turn_too(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        assert await here.talk.says(f"plan mode: {AGAIN}") == DEEP
        assert await here.talk.result(x_rolegraph_pin="second,plain-model") == "second,plain-model"
        assert await here.talk.result() == "second,plain-model"


@pytest.mark.parametrize("pin", ["nowhere,model", "nowhere", "first", "first,"])
async def test_a_pin_to_nothing_is_a_404_and_pins_nothing(tmp_path: Path, pin: str) -> None:
    async with world(tmp_path) as here:
        await here.talk.says("hello")
        here.talk.messages.append({"role": "user", "content": "hello again"})
        answer = await here.talk.post(x_rolegraph_pin=pin)
        assert answer.status_code == 404
        assert answer.json()["error"]["type"] == "not_found_error"
        assert (await here.session())["pin"] is None
        assert (await here.talk.post()).status_code == 200
