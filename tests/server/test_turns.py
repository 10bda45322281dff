"""Turns over real sockets: one model until the turn is over, whatever is edited meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.running import CHEAP, ROLE, Running, haystack, make_home, running, write
from tests.standin import Behaviour, Seen, StandIn, Status
from tests.talk import AGAIN, Talk, looking, went

Script = Callable[[Seen], Behaviour]

DEEP = "first,deep-model"
SESSION = {"x-session-id": "s1"}
ALONE = """
    name: Coder
    shortname: coder
    haystacks: [second]
    scenarios: {default: [second, plain-model]}
"""


@dataclass(frozen=True, slots=True)
class World:
    """A server before two stand-ins, and a client of it."""

    server: Running
    first: StandIn
    second: StandIn
    talk: Talk

    async def edited(self, path: str, text: str) -> None:
        """Save a file, and wait until it is served."""
        client = self.talk.client
        before = (await client.get("/ready")).json()["generation"]
        write(self.server.home, path, text)
        async with asyncio.timeout(10):
            while (await client.get("/ready")).json()["generation"] == before:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def world(home: Path, first: Script = looking, role: str = "coder") -> AsyncIterator[World]:
    async with StandIn(first) as one, StandIn(looking) as two:
        make_home(home, one.url, two.url)
        async with running(home, role=role) as server, server.client() as client:
            yield World(server, one, two, Talk(client, dict(SESSION)))


EDITS = {
    "a synonym moves to another concept": (
        "kg/routing/quick_routing.md",
        "synonyms:: plan mode\nroute:: second, quick-model\npriority:: 95",
    ),
    "the concept leads elsewhere": (
        "kg/routing/think_routing.md",
        "synonyms:: plan mode\nroute:: second, quick-model",
    ),
    "the role loses the haystack": ("roles/coder.yaml", ALONE),
    "the role loses its phases": ("roles/coder.yaml", ROLE + "    phases: [scenario]\n"),
    "the role maps the client's model": (
        "roles/coder.yaml",
        ROLE + "    model_mappings: [{from: 'claude-*', to: [second, quick-model]}]\n",
    ),
    "the role excludes the model": (
        "roles/coder.yaml",
        ROLE + "    model_exclusions: {first: [deep-model]}\n",
    ),
}


@pytest.mark.parametrize("edit", EDITS)
async def test_a_turn_keeps_its_model_while_files_are_edited(tmp_path: Path, edit: str) -> None:
    async with world(tmp_path) as here:
        here.talk.more["model"] = "claude-opus-5"
        assert await here.talk.says(f"plan mode: {AGAIN}") == DEEP
        assert await here.talk.result() == DEEP
        await here.edited(*EDITS[edit])
        assert await here.talk.result() == DEEP
        assert await here.talk.result("done") == DEEP
        assert await here.talk.says("plan mode, once more") != DEEP
    assert [seen.model for seen in here.first.requests][:4] == ["deep-model"] * 4


async def test_an_edited_haystack_serves_the_turn_with_what_it_says_now(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        assert await here.talk.says(f"plan mode: {AGAIN}") == DEEP
        await here.edited("haystacks/first.yaml", haystack("first", here.second.url))
        assert await here.talk.result("done") == DEEP
    assert [seen.model for seen in here.second.requests] == ["deep-model"]


async def test_a_turn_goes_on_elsewhere_when_its_haystack_is_gone(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        assert await here.talk.says(f"plan mode: {AGAIN}") == DEEP
        await here.edited("roles/coder.yaml", ALONE)
        (here.server.home / "haystacks/first.yaml").unlink()
        (here.server.home / "kg/routing/think_routing.md").unlink()
        assert (await here.talk.client.post("/api/reload")).status_code == 200
        assert await here.talk.result() == "second,plain-model"
        assert await here.talk.result("done") == "second,plain-model"


async def test_trying_a_turns_first_request_again_changes_no_model(tmp_path: Path) -> None:
    first = iter([Status(500), Status(500)])
    async with world(tmp_path, lambda seen: next(first, looking(seen))) as here:
        here.talk.headers["x-claude-code-prompt-id"] = "prompt-1"
        assert await here.talk.says("plan mode, please") == "second,deep-model"
        here.talk.messages.pop()  # the answer was lost on its way
        await here.edited(
            "kg/routing/think_routing.md", "synonyms:: plan mode\nroute:: second, quick-model"
        )
        assert await here.talk.again() == "second,deep-model"


async def test_conversations_of_one_session_do_not_disturb_each_other(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        main = here.talk
        agent = Talk(main.client, {**SESSION, "x-claude-code-agent-id": "a1"})
        other = Talk(main.client, {**SESSION, "x-claude-code-agent-id": "a2"})
        for talk, words, model in (
            (main, "plan mode", DEEP),
            (agent, "quick answer", "second,quick-model"),
            (other, "anything", "first,plain-model"),
        ):
            assert await talk.says(f"{words}: {AGAIN}") == model
        for _ in range(2):
            assert await agent.result() == "second,quick-model"
            assert await main.result() == DEEP
            assert await other.result() == "first,plain-model"
        listed = (await main.client.get("/api/sessions")).json()
        shown = (await main.client.get("/api/sessions/s1")).json()
    assert listed["total"] == 1
    assert {"a1", "a2"} < {each["conversation"] for each in shown["conversations"]}


async def test_many_conversations_at_once_each_keep_their_model(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        words = {"plan mode": DEEP, "quick answer": "second,quick-model"}

        async def agent(number: int) -> None:
            text, model = list(words.items())[number % 2]
            name = {**SESSION, "x-claude-code-agent-id": f"a{number}"}
            talk = Talk(here.talk.client, name)
            assert await talk.says(f"{text}: {AGAIN}") == model
            for _ in range(3):
                assert await talk.result() == model

        await asyncio.gather(*(agent(number) for number in range(10)))


async def test_a_failure_in_mid_turn_moves_the_turn_for_good(tmp_path: Path) -> None:
    failing = False

    def script(seen: Seen) -> Behaviour:
        return Status(500) if failing else looking(seen)

    async with world(tmp_path, script) as here:
        assert await here.talk.says(f"plan mode: {AGAIN}") == DEEP
        failing = True
        assert await here.talk.result() == "second,deep-model"
        failing = False
        assert await here.talk.result() == "second,deep-model"
        assert await here.talk.result("done") == "second,deep-model"
        shown = (await here.talk.client.get("/api/sessions/s1")).json()
    assert len(here.first.requests) == 2
    assert shown["switches"] == 1


async def test_a_refusal_in_mid_turn_moves_nothing_and_counts_against_no_model(
    tmp_path: Path,
) -> None:
    refusing = False

    def script(seen: Seen) -> Behaviour:
        return Status(400, "context_management: Extra inputs") if refusing else looking(seen)

    async with world(tmp_path, script) as here:
        assert await here.talk.says(f"plan mode: {AGAIN}") == DEEP
        refusing = True
        here.talk.messages.append({"role": "user", "content": "and this: plan mode"})
        for _ in range(3):
            assert (await here.talk.post()).status_code == 400
        refusing = False
        assert await here.talk.again() == DEEP
        shown = (await here.talk.client.get("/api/sessions/s1")).json()
    assert [model["score"] for model in shown["models"]] == [1.0]


async def test_another_role_in_mid_turn_is_another_session(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        assert await here.talk.says(f"plan mode: {AGAIN}") == DEEP
        assert await here.talk.result(x_rolegraph_role="cheap") == "second,deep-model"
        assert await here.talk.result() == DEEP
        listed = (await here.talk.client.get("/api/sessions")).json()["sessions"]
    assert {(each["id"], each["role"]) for each in listed} == {("s1", "coder"), ("s1", "cheap")}


async def test_a_turn_stays_in_the_role_that_auto_has_found(tmp_path: Path) -> None:
    async with world(tmp_path, role="auto") as here:
        await here.edited("roles/coder.yaml", ROLE + "    kg: [routing]\n")
        await here.edited("roles/cheap.yaml", CHEAP + "    kg: [other]\n")
        await here.edited("kg/other/word.md", "synonyms:: nothing special")
        assert await here.talk.says(f"plan mode: {AGAIN}") == DEEP
        await here.edited("kg/other/word.md", "synonyms:: plan, mode, use, tool")
        assert await here.talk.result() == DEEP


async def test_a_model_that_the_client_names_in_mid_turn_is_its_own_wish(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        assert await here.talk.says(f"plan mode: {AGAIN}") == DEEP
        here.talk.more["model"] = "second,quick-model"
        assert await here.talk.result() == "second,quick-model"
        here.talk.more["model"] = "auto"
        answer = await here.talk.post()
    assert went(answer) in {DEEP, "second,quick-model"}
