"""Thoughts over real sockets: what one provider signed or sealed never reaches another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from haystacks.mended import ANOTHERS, REFUSED
from tests.running import make_home, running
from tests.standin import Answer, Behaviour, Seen, StandIn, Status
from tests.talk import AGAIN, Talk, looking

SESSION = {"x-session-id": "s1"}
SIGNED = partial(looking, thinking="Let me see.", signature="Zmlyc3Q=")

# OpenAI's words where another organisation, or another of its models, has sealed what it thought.
UNVERIFIED = {
    "error": {
        "message": "The encrypted content Zmly... could not be verified. Reason: Encrypted content "
        "could not be decrypted or parsed.",
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_encrypted_content",
    }
}


@asynccontextmanager
async def world(
    home: Path, first: Callable[[Seen], Behaviour], dialect: str = "anthropic"
) -> AsyncIterator[tuple[httpx.AsyncClient, StandIn, StandIn]]:
    async with StandIn(first) as one, StandIn(first) as two:
        make_home(home, one.url, two.url, dialects=(dialect, dialect))
        async with running(home) as server, server.client(**SESSION) as client:
            yield client, one, two


def thoughts(seen: Seen) -> list[str]:
    """Return the signatures of all that the history thinks."""
    return [
        block["signature"]
        for message in seen.body["messages"]
        if isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "thinking"
    ]


async def test_a_signature_goes_back_to_who_made_it_and_to_nobody_else(tmp_path: Path) -> None:
    async with world(tmp_path, SIGNED) as (client, first, second):
        talk = Talk(client)
        await talk.says(f"plan mode: {AGAIN}")
        await talk.result("done")
        await talk.says("a quick answer")
    assert [thoughts(seen) for seen in first.requests] == [[], ["Zmlyc3Q="]]
    assert [thoughts(seen) for seen in second.requests] == [[]]


async def test_what_was_left_out_is_told(tmp_path: Path) -> None:
    async with world(tmp_path, SIGNED) as (client, _, _):
        talk = Talk(client)
        await talk.says("plan mode, please")
        talk.messages.append({"role": "user", "content": "a quick answer"})
        answer = await talk.post()
    assert answer.headers["x-rolegraph-adapted"] == ANOTHERS


async def test_who_answers_again_gets_no_thoughts_of_the_one_between(tmp_path: Path) -> None:
    async with world(tmp_path, SIGNED) as (client, first, second):
        talk = Talk(client)
        for words in ("plan mode", "a quick answer", "plan mode again"):
            await talk.says(words)
    assert len(second.requests) == 1
    assert [thoughts(seen) for seen in first.requests] == [[], []]


async def test_another_role_takes_no_thoughts_along_nor_brings_any_back(tmp_path: Path) -> None:
    async with world(tmp_path, SIGNED) as (client, first, second):
        talk = Talk(client)
        await talk.says("plan mode")
        assert await talk.says("hello", x_rolegraph_role="cheap") == "second,cheap-model"
        await talk.says("plan mode again")
    assert [thoughts(seen) for seen in second.requests] == [[]]
    assert [thoughts(seen) for seen in first.requests] == [[], []]


async def test_a_failover_in_mid_turn_takes_no_thoughts_along(tmp_path: Path) -> None:
    failing = False

    def script(seen: Seen) -> Behaviour:
        return Status(500) if failing and seen.model == "deep-model" else SIGNED(seen)

    async with StandIn(script) as one, StandIn(SIGNED) as two:
        make_home(tmp_path, one.url, two.url)
        async with running(tmp_path) as server, server.client(**SESSION) as client:
            talk = Talk(client)
            await talk.says(f"plan mode: {AGAIN}")
            failing = True
            assert await talk.result("done") == "second,deep-model"
    assert [thoughts(seen) for seen in one.requests] == [[], ["Zmlyc3Q="]]
    assert [thoughts(seen) for seen in two.requests] == [[]]


# -- OpenAI's Responses


@dataclass(slots=True)
class Coder:
    """A client of the Responses, which keeps the whole history, sealed thoughts included."""

    client: httpx.AsyncClient
    input: list[dict[str, Any]]

    async def says(self, text: str) -> httpx.Response:
        self.input.append({"role": "user", "content": text})
        body = {"model": "auto", "input": self.input, "store": False}
        include = {"include": ["reasoning.encrypted_content"]}
        answer = await self.client.post("/v1/responses", json=body | include)
        assert answer.status_code == 200, answer.text
        self.input += answer.json()["output"]
        return answer


def sealed(seen: Seen) -> list[str]:
    return [
        item["encrypted_content"] for item in seen.body["input"] if item.get("type") == "reasoning"
    ]


def thinks(_: Seen) -> Answer:
    return Answer(thinking="Let me see.", signature="gAAAfirst")


async def test_sealed_reasoning_goes_back_to_who_made_it_and_to_nobody_else(tmp_path: Path) -> None:
    async with world(tmp_path, thinks, "openai_responses") as (client, first, second):
        coder = Coder(client, [])
        for words in ("plan mode", "plan mode again"):
            await coder.says(words)
        answer = await coder.says("a quick answer")
    assert [sealed(seen) for seen in first.requests] == [[], ["gAAAfirst"]]
    assert [sealed(seen) for seen in second.requests] == [[]]
    assert answer.headers["x-rolegraph-adapted"] == ANOTHERS


@pytest.mark.parametrize("status", [400, 422])
async def test_what_openai_cannot_verify_is_taken_out_and_asked_again(
    tmp_path: Path, status: int
) -> None:
    def script(seen: Seen) -> Behaviour:
        return Status(status, UNVERIFIED) if sealed(seen) else thinks(seen)

    async with world(tmp_path, script, "openai_responses") as (client, first, second):
        coder = Coder(client, [])
        await coder.says("plan mode")
        answer = await coder.says("plan mode again")
    assert answer.headers["x-rolegraph-adapted"] == REFUSED
    assert [sealed(seen) for seen in first.requests] == [[], ["gAAAfirst"], []]
    assert not second.requests
