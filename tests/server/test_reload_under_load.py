"""Reloads while requests come without a pause: none is lost, none sees two states at once."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.running import Running, make_home, running, user, write
from tests.standin import Answer, Behaviour, Seen, StandIn, Status, Wire

RELOADS = 200
CLIENTS = 2

# Both candidates carry the version.
ROLE = """
    name: Coder
    haystacks: [first, second]
    scenarios:
      default: [[first, plain-{version}], [second, plain-{version}]]
"""
CONCEPT = """
    synonyms:: plan mode
    route:: first, deep-{version}
    route:: second, deep-{version}
"""


@dataclass(slots=True)
class Lasting:
    """A client that asks until told to stop, and keeps what each generation answered."""

    proxy: Running
    name: int
    stopped: asyncio.Event
    progress: asyncio.Event
    models: dict[str, set[str]]
    asked: int = 0

    async def run(self) -> None:
        async with self.proxy.client() as client:
            while not self.stopped.is_set():
                self.asked += 1
                words = "plan mode" if self.asked % 2 else "hello"
                body = user(f"{words} {self.name}/{self.asked}", stream=self.asked % 3 == 0)
                answer = await client.post("/v1/messages", json=body)
                assert answer.status_code == 200, answer.text
                model = answer.headers["x-rolegraph-model"]
                self.models[answer.headers["x-rolegraph-generation"]].add(model)
                self.progress.set()


async def test_two_hundred_reloads_lose_no_request_and_no_request_sees_a_mix(
    tmp_path: Path,
) -> None:
    models: dict[str, set[str]] = defaultdict(set)
    stopped, progress = asyncio.Event(), asyncio.Event()
    count = itertools.count()

    def some(_request: Seen) -> Behaviour:
        # Not more of them than may be asked twice.
        return Answer() if next(count) % 8 else Status(500)

    async with StandIn(some) as failing, StandIn([Answer()]) as well:
        home = make_home(tmp_path, failing.url, well.url)
        async with running(home) as proxy, proxy.client() as client:
            askers = [Lasting(proxy, name, stopped, progress, models) for name in range(CLIENTS)]
            async with asyncio.TaskGroup() as group:
                for asker in askers:
                    group.create_task(asker.run())
                for version in range(RELOADS):
                    write(home, "roles/coder.yaml", ROLE.format(version=version))
                    write(home, "kg/routing/think_routing.md", CONCEPT.format(version=version))
                    assert (await client.post("/api/reload")).status_code == 200
                    progress.clear()
                    await progress.wait()
                stopped.set()
    assert len(models) > RELOADS / 2, "too few generations met a request"
    for generation, seen in models.items():
        kinds = [model.partition("-")[0] for model in seen]
        assert len(kinds) == len(set(kinds)), f"generation {generation} answered with {seen}"
    tried = {_words(seen): seen.body["model"] for seen in failing.requests}
    answered = {_words(seen): seen.body["model"] for seen in well.requests}
    assert len(tried) == sum(asker.asked for asker in askers)
    assert len(answered) >= len(tried) // 8
    assert answered.items() <= tried.items(), "a request failed over into another version"


def _words(seen: Seen) -> str:
    words: str = seen.body["messages"][0]["content"]
    return words


@dataclass(frozen=True, slots=True)
class FailsLater:
    """A failure that waits for the test to have it."""

    gate: asyncio.Event

    async def play(self, request: Seen, wire: Wire) -> None:
        await self.gate.wait()
        await Status(500).play(request, wire)


async def test_a_request_keeps_the_snapshot_that_it_began_with(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with StandIn([FailsLater(gate)]) as failing, StandIn([Answer()]) as well:
        home = make_home(tmp_path, failing.url, well.url)
        write(home, "roles/coder.yaml", ROLE.format(version="old"))
        async with running(home) as proxy, proxy.client() as client:
            asking = asyncio.create_task(client.post("/v1/messages", json=user("hello")))
            await failing.until(lambda: failing.open_calls == 1)
            write(home, "roles/coder.yaml", ROLE.format(version="new"))
            generation = (await client.post("/api/reload")).json()["generation"]
            gate.set()
            answer = await asking
    assert answer.headers["x-rolegraph-model"] == "plain-old"
    assert int(answer.headers["x-rolegraph-generation"]) < generation
