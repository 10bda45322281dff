"""Both official SDKs reach what only their own provider offers, and embeddings, through us."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anthropic
import openai
import orjson
import pytest

from tests.platform_home import KEYS, Says, make_platform
from tests.running import running, write
from tests.standin import Behaviour, StandIn
from tests.standin.wire import Seen, Wire

pytestmark = pytest.mark.client

SKILL = {
    "id": "skill_1",
    "type": "skill",
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
    "display_name": "Cook",
    "latest_version": "1",
    "source": "custom",
}
ALL_BYTES = bytes(range(256)) * 40


@dataclass(frozen=True, slots=True)
class Streams:
    """Server-sent events, each in a chunk of its own."""

    events: tuple[bytes, ...]

    async def play(self, _request: Seen, wire: Wire) -> None:
        await wire.begin(200, {"content-type": "text/event-stream"})
        for event in self.events:
            await wire.chunk(event)
        await wire.end()


@asynccontextmanager
async def served(
    folder: Path, answer: Behaviour | Callable[[Seen], Behaviour]
) -> AsyncIterator[tuple[StandIn, anthropic.AsyncAnthropic, openai.AsyncOpenAI]]:
    script = answer if callable(answer) else (answer,)
    async with StandIn(script) as upstream:
        home = make_platform(folder, upstream.url)
        async with (
            running(home, environ=KEYS) as proxy,
            anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k", max_retries=0) as one,
            openai.AsyncOpenAI(base_url=f"{proxy.url}/v1", api_key="k", max_retries=0) as other,
        ):
            yield upstream, one, other


def says(**told: object) -> Says:
    return Says(orjson.dumps(told))


async def test_skills_are_made_listed_and_deleted(tmp_path: Path) -> None:
    def answer(seen: Seen) -> Behaviour:
        if seen.method == "GET":
            return says(data=[SKILL], has_more=False, next_page=None)
        if seen.method == "DELETE":
            return says(id="skill_1", type="skill_deleted")
        return says(**SKILL)

    async with served(tmp_path, answer) as (upstream, client, _):
        files = [("cook/SKILL.md", b"# Cook"), ("cook/salt.bin", ALL_BYTES)]
        made = await client.beta.skills.create(files=files)
        listed = [skill.id async for skill in client.beta.skills.list(limit=1)]
        gone = await client.beta.skills.delete("skill_1")
    assert (made.id, listed, gone.id) == ("skill_1", ["skill_1"], "skill_1")
    upload, _, deleted = upstream.requests
    assert ALL_BYTES in upload.raw
    assert upload.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert upload.headers["x-api-key"] == KEYS["ANTHROPIC_API_KEY"]
    assert (deleted.method, deleted.path.partition("?")[0]) == ("DELETE", "/v1/skills/skill_1")


async def test_agents_sessions_and_memory_reach_their_paths(tmp_path: Path) -> None:
    async with served(tmp_path, says(id="x", data=[])) as (upstream, client, _):
        await client.beta.agents.retrieve("agent_1")
        await client.beta.sessions.create(agent="agent_1", environment_id="env_1")
        await client.beta.memory_stores.memories.list("mem_1")
        await client.beta.organization.retrieve()
    reached = [(seen.method, seen.path.partition("?")[0]) for seen in upstream.requests]
    assert reached[:3] == [
        ("GET", "/v1/agents/agent_1"),
        ("POST", "/v1/sessions"),
        ("GET", "/v1/memory_stores/mem_1/memories"),
    ]
    assert reached[3][1].startswith("/v1/organization")
    assert all(seen.headers["x-api-key"] == "sk-ours-anthropic" for seen in upstream.requests)


async def test_a_sessions_events_arrive(tmp_path: Path) -> None:
    events = tuple(
        b'event: session.status_idle\ndata: {"type":"session.status_idle","id":"e%d"}\n\n' % number
        for number in range(3)
    )
    async with served(tmp_path, Streams(events)) as (_, client, _openai):
        stream = await client.beta.sessions.events.stream("sess_1")
        heard = [event.to_dict()["id"] async for event in stream]
    assert heard == ["e0", "e1", "e2"]


async def test_anthropics_error_for_what_it_alone_has_is_read_as_its_own(tmp_path: Path) -> None:
    body = {"type": "error", "error": {"type": "not_found_error", "message": "no skill x"}}
    async with served(tmp_path, Says(orjson.dumps(body), 404)) as (_, client, _openai):
        with pytest.raises(anthropic.NotFoundError, match="no skill x"):
            await client.beta.skills.retrieve("x")


async def test_without_their_provider_both_sdks_are_told_at_once(tmp_path: Path) -> None:
    async with StandIn((says(),)) as upstream:
        home = make_platform(tmp_path, upstream.url)
        async with (
            running(home, environ={}) as proxy,
            anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k") as one,
            openai.AsyncOpenAI(base_url=f"{proxy.url}/v1", api_key="k") as other,
        ):
            with pytest.raises(anthropic.InternalServerError, match="no active haystack") as first:
                await one.beta.skills.retrieve("x")
            with pytest.raises(openai.InternalServerError, match="no active haystack") as second:
                await other.vector_stores.retrieve("x")
    assert (first.value.status_code, second.value.status_code) == (501, 501)
    assert not upstream.requests


async def test_openais_files_sounds_and_stored_responses_pass(tmp_path: Path) -> None:
    def answer(seen: Seen) -> Behaviour:
        if "speech" in seen.path or "content" in seen.path:
            return Says(ALL_BYTES, headers={"content-type": "audio/mpeg"})
        return says(id="x", object="x")

    async with served(tmp_path, answer) as (upstream, _, client):
        made = await client.files.create(file=("a.bin", ALL_BYTES), purpose="user_data")
        content = await client.files.content("file_1")
        speech = await client.audio.speech.create(model="tts", voice="alloy", input="hi")
        await client.responses.retrieve("resp_1")
        await client.vector_stores.retrieve("vs_1")
    assert (made.id, content.content, speech.content) == ("x", ALL_BYTES, ALL_BYTES)
    assert [seen.path for seen in upstream.requests] == [
        "/v1/files",
        "/v1/files/file_1/content",
        "/v1/audio/speech",
        "/v1/responses/resp_1",
        "/v1/vector_stores/vs_1",
    ]
    assert ALL_BYTES in upstream.requests[0].raw
    assert all(s.headers["authorization"] == "Bearer sk-ours-openai" for s in upstream.requests)


async def test_openais_sdk_gets_embeddings_in_the_form_it_asks_for(tmp_path: Path) -> None:
    home = make_platform(tmp_path, "http://127.0.0.1:9")
    file = "name: gpt\nservice: openai\nmodels: [{id: ada, capabilities: [embeddings]}]\n"
    write(home, "haystacks/gpt.yaml", file)
    async with (
        running(home, simulate=True, environ=KEYS) as proxy,
        openai.AsyncOpenAI(base_url=f"{proxy.url}/v1", api_key="k") as client,
    ):
        packed = await client.embeddings.create(model="ada", input=["a", "b"], dimensions=8)
        plain = await client.embeddings.create(
            model="gpt,ada", input="a", dimensions=8, encoding_format="float"
        )
        with pytest.raises(openai.NotFoundError, match="no embedding model"):
            await client.embeddings.create(model="bert", input="a")
        with pytest.raises(openai.NotFoundError, match="/v1/chat/completions"):
            await client.completions.create(model="ada", prompt="a")
    assert packed.data[0].embedding == pytest.approx(plain.data[0].embedding)
    assert packed.data[0].embedding != packed.data[1].embedding
    assert (len(plain.data[0].embedding), plain.usage.prompt_tokens) == (8, 1)
