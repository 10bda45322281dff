"""Limits over real sockets: of clients' keys, and of haystacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from server.keys import create_key
from tests.asking import PATHS, asking
from tests.running import haystack, make_home, running, user, write
from tests.standin import Answer, Behaviour, Held, StandIn
from tests.talk import Clock, went

HELLO = Answer(input_tokens=25, output_tokens=12)
MODELS = """
models:
  - {id: plain-model, price: {input: 1000.0, output: 1000.0}}
"""


@dataclass(frozen=True, slots=True)
class World:
    client: httpx.AsyncClient
    upstream: StandIn
    clock: Clock = field(default_factory=Clock)

    async def ask(self, words: str = "hi") -> httpx.Response:
        return await self.client.post("/v1/messages", json=user(words))


@asynccontextmanager
async def world(
    home: Path, *, key: str = "", first: str = "", second: str = "", said: Behaviour = HELLO
) -> AsyncIterator[World]:
    """Serve two haystacks that are one stand-in; limits of the client's key, and of each."""
    async with StandIn([said]) as upstream:
        make_home(home, upstream.url)
        for name, limits in (("first", first), ("second", second)):
            more = MODELS + (f"limits: {limits}\n" if limits else "")
            write(home, f"haystacks/{name}.yaml", haystack(name, upstream.url, more=more))
        headers = {}
        if key:
            headers = {"x-api-key": create_key(home, "laptop")}
            file = home / "keys.yaml"
            file.write_text(f"{file.read_text()}  limits: {key}\n")
        clock = Clock()
        async with running(home, clock=clock) as server, server.client(**headers) as client:
            yield World(client, upstream, clock)


# -- Of a key


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("{requests_per_minute: 2}", "2 requests a minute"),
        ("{tokens_per_minute: 80}", "80 tokens a minute"),
        ("{usd_per_minute: 0.05}", "$0.05 a minute"),
    ],
)
async def test_who_is_over_a_limit_hears_when_to_come_back_and_then_may(
    tmp_path: Path, limit: str, words: str
) -> None:
    async with world(tmp_path, key=limit) as here:
        assert [(await here.ask()).status_code for _ in range(3)] == [200, 200, 429]
        refused = await here.ask()
        assert refused.json()["error"]["type"] == "rate_limit_error"
        assert f"the key laptop is limited to {words}" in refused.json()["error"]["message"]
        assert "x-should-retry" not in refused.headers
        wait = int(refused.headers["retry-after"])
        assert 1 <= wait <= 120
        here.clock.now += wait
        assert (await here.ask()).status_code == 200


async def test_as_many_at_once_as_the_key_may_and_the_place_is_given_back(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with world(tmp_path, key="{concurrency: 3}", said=Held(gate, after=-1)) as here:
        asked = [asyncio.create_task(here.ask()) for _ in range(3)]
        await here.upstream.until(lambda: here.upstream.open_calls == 3)
        refused = await here.ask()
        assert refused.status_code == 429
        assert "3 requests at the same time" in refused.json()["error"]["message"]
        assert refused.headers["retry-after"] == "1"
        gate.set()
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
        assert (await here.ask()).status_code == 200


async def test_a_client_that_leaves_gives_its_place_back(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with world(tmp_path, key="{concurrency: 1}", said=Held(gate, after=-1)) as here:
        with pytest.raises(httpx.ReadTimeout):
            await here.client.post("/v1/messages", json=user("hi"), timeout=0.2)
        await here.upstream.until(lambda: here.upstream.hang_ups == 1)
        gate.set()
        async with asyncio.timeout(5):
            while (await here.ask()).status_code == 429:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("client", PATHS)
async def test_a_limit_is_told_in_every_dialect(tmp_path: Path, client: str) -> None:
    async with world(tmp_path, key="{requests_per_minute: 1}") as here:
        body = asking(client)
        assert (await here.client.post(PATHS[client], json=body)).status_code == 200
        refused = await here.client.post(PATHS[client], json=body)
    error = refused.json()["error"]
    assert refused.status_code == 429
    assert error["type"] == "rate_limit_error"
    if client != "anthropic":
        assert error["code"] == "rate_limit_exceeded"


# -- Of a haystack


async def test_the_next_candidate_answers_while_a_haystack_is_full(tmp_path: Path) -> None:
    async with world(tmp_path, first="{requests_per_minute: 2}") as here:
        where = [went(await here.ask()) for _ in range(4)]
        assert where == ["first,plain-model"] * 2 + ["second,plain-model"] * 2
        told = (await here.client.post("/api/route", json={"prompt": "hi"})).json()
        here.clock.now += 120
        assert went(await here.ask()) == "first,plain-model"
    skipped = [each for step in told["trace"] for each in step["skipped"]]
    assert skipped == [
        {"candidate": "first,plain-model", "reason": "at its limit of 2 requests a minute"}
    ]


@pytest.mark.parametrize(
    "limit", ["{requests_per_minute: 1}", "{tokens_per_minute: 37}", "{usd_per_minute: 0.01}"]
)
async def test_when_all_are_full_the_client_hears_429_and_each_reason(
    tmp_path: Path, limit: str
) -> None:
    async with world(tmp_path, first=limit, second=limit) as here:
        where = [went(await here.ask()) for _ in range(2)]
        assert where == ["first,plain-model", "second,plain-model"]
        # First the one is known to be full, and only the other asked; then both are.
        for words in ("one more", "and another"):
            refused = await here.ask(words)
            error = refused.json()["error"]
            assert (refused.status_code, error["type"]) == (429, "rate_limit_error")
            assert "second,plain-model: at its limit of" in error["message"]
            assert int(refused.headers["retry-after"]) > 0
            assert refused.headers["x-rolegraph-attempts"] == "0"
    assert "first,plain-model: at its limit of" in error["message"]
    assert refused.headers["x-should-retry"] == "false"
    assert len(here.upstream.requests) == 2


async def test_of_many_at_once_those_go_elsewhere_for_which_there_is_no_place(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    held = Held(gate, after=-1)
    async with world(tmp_path, first="{concurrency: 2}", said=held) as here:
        asked = [asyncio.create_task(here.ask()) for _ in range(5)]
        await here.upstream.until(lambda: here.upstream.open_calls == 5)
        gate.set()
        where = sorted(went(answer) for answer in await asyncio.gather(*asked))
        assert where == ["first,plain-model"] * 2 + ["second,plain-model"] * 3
        assert went(await here.ask()) == "first,plain-model"


async def test_a_full_haystack_is_no_reason_to_move_a_session_for_good(tmp_path: Path) -> None:
    async with world(tmp_path, first="{requests_per_minute: 1}") as here:
        here.client.headers["x-session-id"] = "s1"
        assert went(await here.ask()) == "first,plain-model"
        assert went(await here.ask("and now?")) == "second,plain-model"
        shown = (await here.client.get("/api/sessions/s1")).json()
        here.clock.now += 301  # the cache is cold as well
        assert went(await here.ask("and then?")) == "first,plain-model"
    assert {each["score"] for each in shown["models"]} == {1.0}
