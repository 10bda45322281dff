"""``/v1/embeddings``: vectors from whichever haystack offers the model, and from no other model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.platform_home import Says
from tests.running import CHEAP, haystack, make_home, running, user, write
from tests.standin import Answer, Behaviour, Raw, Silent, StandIn, Status
from tests.standin.wire import JSON, Seen, Wire

ADA = """
    models:
      - {id: plain-model}
      - {id: ada, capabilities: [embeddings], price: {input: 2, output: 0}}
"""
BODY = b'{"model" : "ada", "input": ["a","b"],\n "dimensions": 3, "encoding_format":"base64"}'


@dataclass(frozen=True, slots=True)
class Embeds:
    """Answers as a provider of embeddings does."""

    usage: dict[str, int] | None = field(
        default_factory=lambda: {"prompt_tokens": 8, "total_tokens": 8}
    )

    async def play(self, request: Seen, wire: Wire) -> None:
        vectors = [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}]
        told = {"object": "list", "data": vectors, "model": request.model, "usage": self.usage}
        await wire.whole(200, {**JSON, "x-request-id": "theirs"}, orjson.dumps(told))


@asynccontextmanager
async def embedding(
    folder: Path,
    *script: Behaviour,
    dialects: tuple[str, str] = ("openai_chat", "openai_chat"),
    more: str = ADA,
    **settings: Any,
) -> AsyncIterator[tuple[StandIn, httpx.AsyncClient]]:
    async with StandIn(script or (Embeds(),)) as upstream:
        home = make_home(folder, upstream.url, dialects=dialects, more=more)
        async with running(home, **settings) as proxy, proxy.client() as client:
            yield upstream, client


async def test_the_bytes_pass_both_ways(tmp_path: Path) -> None:
    async with embedding(tmp_path) as (upstream, client):
        answer = await client.post("/v1/embeddings", content=BODY)
    assert answer.status_code == 200
    assert answer.json()["data"][0]["embedding"] == [0.5, -0.25]
    [seen] = upstream.requests
    assert (seen.path, seen.raw) == ("/v1/embeddings", BODY)
    assert seen.headers["authorization"] == "Bearer upstream-key"
    told = answer.headers
    assert (told["x-rolegraph-haystack"], told["x-rolegraph-model"]) == ("first", "ada")
    assert (told["x-rolegraph-phase"], told["x-rolegraph-role"]) == ("explicit", "coder")
    assert told["x-rolegraph-upstream-request-id"] == "theirs"


@pytest.mark.parametrize("model", [None, "", "auto", "role:coder", "anthropic/role:coder"])
async def test_without_a_name_it_is_the_roles_first(tmp_path: Path, model: str | None) -> None:
    body = {"input": "a"} if model is None else {"input": "a", "model": model}
    async with embedding(tmp_path) as (upstream, client):
        answer = await client.post("/v1/embeddings", json=body)
    assert (answer.status_code, upstream.requests[0].model) == (200, "ada")
    assert answer.headers["x-rolegraph-phase"] == "scenario"


async def test_another_haystack_with_the_same_model_stands_in(tmp_path: Path) -> None:
    async with embedding(tmp_path, Status(500), Embeds()) as (upstream, client):
        answer = await client.post("/v1/embeddings", content=BODY)
    assert (answer.status_code, len(upstream.requests)) == (200, 2)
    assert answer.headers["x-rolegraph-haystack"] == "second"
    assert answer.headers["x-rolegraph-attempts"] == "2"


async def test_another_model_never_stands_in(tmp_path: Path) -> None:
    async with StandIn([Status(500)]) as upstream:
        home = make_home(tmp_path, upstream.url, dialects=("openai_chat", "openai_chat"), more=ADA)
        text = haystack("second", upstream.url, "openai_chat", ADA.replace("ada", "bert"))
        write(home, "haystacks/second.yaml", text)
        async with running(home) as proxy, proxy.client() as client:
            for model in ("ada", "second,bert", "second:bert"):
                asked = {"input": "a", "model": model}
                answer = await client.post("/v1/embeddings", json=asked)
                assert answer.status_code == 500
    assert [seen.model for seen in upstream.requests] == ["ada", "bert", "bert"]


async def test_a_mapping_of_the_role_leads_to_an_embedding_model(tmp_path: Path) -> None:
    async with StandIn([Embeds()]) as upstream:
        home = make_home(tmp_path, upstream.url, dialects=("openai_chat", "openai_chat"), more=ADA)
        mapping = 'model_mappings: [{from: "text-embedding-*", to: [second, ada]}]\n'
        write(home, "roles/cheap.yaml", CHEAP + "    " + mapping)
        async with running(home) as proxy, proxy.client() as client:
            body = {"input": "a", "model": "text-embedding-3-small"}
            answer = await client.post("/role/cheap/v1/embeddings", json=body)
    assert (answer.status_code, upstream.requests[0].model) == (200, "ada")


@pytest.mark.parametrize(
    ("dialect", "path"),
    [
        ("openai_responses", "/v1/embeddings"),
        ("ollama", "/v1/embeddings"),
        ("gemini", "/v1beta/openai/embeddings"),
    ],
)
async def test_each_providers_path_is_known(tmp_path: Path, dialect: str, path: str) -> None:
    async with embedding(tmp_path, dialects=(dialect, dialect)) as (upstream, client):
        answer = await client.post("/v1/embeddings", content=BODY)
    assert (answer.status_code, upstream.requests[0].path) == (200, path)
    assert upstream.requests[0].headers["authorization"] == "Bearer upstream-key"


REFUSED: list[tuple[object, str, int, str]] = [
    ({"input": "a", "model": "gpt"}, ADA, 404, 'no embedding model "gpt"; the role coder has: ada'),
    ({"input": "a", "model": "none,ada"}, ADA, 404, 'unknown haystack "none"'),
    ({"input": "a"}, "", 400, "has no embedding model"),
    ({"input": "a", "model": "role:none"}, ADA, 404, "unknown role"),
    ({"input": "", "model": "ada"}, ADA, 400, "input:"),
    ({"model": "ada"}, ADA, 400, "input:"),
    ({"input": "a", "model": 3}, ADA, 400, "model:"),
    ([], ADA, 400, "JSON object"),
]


@pytest.mark.parametrize(("body", "more", "status", "says"), REFUSED)
async def test_what_cannot_be_is_told_clearly_and_asks_nobody(
    tmp_path: Path, body: object, more: str, status: int, says: str
) -> None:
    async with embedding(tmp_path, more=more) as (upstream, client):
        answer = await client.post("/v1/embeddings", json=body)
    assert answer.status_code == status
    assert says in answer.json()["error"]["message"]
    assert not upstream.requests


async def test_a_model_of_embeddings_is_never_asked_for_an_answer(tmp_path: Path) -> None:
    alone = "models: [{id: ada, capabilities: [embeddings]}]\n"
    async with embedding(tmp_path, Answer(), more=alone) as (upstream, client):
        for model in ("first,ada", "second,*"):
            answer = await client.post("/v1/messages", json={**user("hi"), "model": model})
            assert answer.status_code == 400
            assert "makes embeddings only" in answer.json()["error"]["message"]
        routed = await client.post("/v1/messages", json=user("hi"))
    assert (routed.status_code, {seen.model for seen in upstream.requests}) == (
        200,
        {"plain-model"},
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", "not JSON"),
        (b'{"data": [{"embedding": [0.5', "not JSON"),
        (b"{}", "an empty one"),
        (b"[]", "not a JSON object"),
        (b'{"object": "list"}', "holds no embeddings"),
        (b'{"error": {"message": "the model is loading", "code": 503}}', "the model is loading"),
    ],
)
async def test_what_is_no_answer_is_none_whatever_its_status_says(
    tmp_path: Path, body: bytes, why: str
) -> None:
    page = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    async with embedding(tmp_path, Raw(page)) as (_, client):
        answer = await client.post("/v1/embeddings", content=BODY)
    assert answer.status_code == 503
    assert why in answer.json()["error"]["message"]


async def test_usage_and_cost_are_on_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with embedding(tmp_path, Embeds()) as (_, client):
        await client.post("/v1/embeddings", content=BODY)
    said = capsys.readouterr().out
    assert "surface=embeddings" in said
    assert "input_tokens=8" in said
    assert "usd=1.6e-05" in said


async def test_a_large_answer_passes_and_its_usage_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vectors = b",".join([b'{"embedding":[0.123456789,{}]}'] * 50_000)
    told = (
        b'{"data":[%b], "usage" : {"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":4}}}'
    )
    async with embedding(tmp_path, Says(told % vectors)) as (_, client):
        answer = await client.post("/v1/embeddings", json={"input": ["word " * 100_000]})
    assert answer.content == told % vectors
    said = capsys.readouterr().out
    assert "input_tokens=5" in said
    assert "cached_tokens=4" in said


@pytest.mark.parametrize("told", [b'{"data":[]}', b'{"data":[],"usage":{}}'])
async def test_what_no_provider_counts_is_counted_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], told: bytes
) -> None:
    async with embedding(tmp_path, Says(told)) as (_, client):
        await client.post("/v1/embeddings", json={"input": ["hello there", [1, 2, 3]]})
    said = capsys.readouterr().out
    assert "input_tokens=5" in said
    assert "estimated=True" in said


async def test_a_client_that_leaves_takes_the_call_along(tmp_path: Path) -> None:
    async with embedding(tmp_path, Silent()) as (upstream, client):
        call = asyncio.create_task(client.post("/v1/embeddings", content=BODY))
        await upstream.until(lambda: upstream.open_calls == 1)
        call.cancel()
        await upstream.until(lambda: upstream.hang_ups == 1, timeout=1)


async def test_a_budget_that_is_spent_buys_no_embeddings(tmp_path: Path) -> None:
    async with StandIn([Embeds({"prompt_tokens": 400_000, "total_tokens": 400_000})]) as upstream:
        home = make_home(tmp_path, upstream.url, dialects=("openai_chat", "openai_chat"), more=ADA)
        write(home, "roles/cheap.yaml", CHEAP + "    budget: {daily_usd: 0.5}\n")
        async with running(home, role="cheap") as proxy, proxy.client() as client:
            answers = [await client.post("/v1/embeddings", content=BODY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert len(upstream.requests) == 1


async def test_the_former_completions_say_where_to_go(tmp_path: Path) -> None:
    async with embedding(tmp_path) as (_, client):
        answer = await client.post("/v1/completions", json={"model": "x", "prompt": "y"})
    assert (answer.status_code, answer.headers["x-should-retry"]) == (404, "false")
    assert answer.json()["error"]["code"] == "not_supported"
    assert "/v1/chat/completions" in answer.json()["error"]["message"]


async def test_the_simulated_provider_gives_the_same_text_the_same_vector(tmp_path: Path) -> None:
    async with embedding(tmp_path, simulate=True) as (_, client):
        answers = [
            (
                await client.post(
                    "/v1/embeddings", json={"input": ["a", "b", [1, 2]], "dimensions": 5}
                )
            ).json()
            for _ in range(2)
        ]
        wrong = await client.post("/v1/embeddings", json={"input": "a", "dimensions": 0.5})
    assert answers[0] == answers[1]
    vectors = [each["embedding"] for each in answers[0]["data"]]
    assert len({tuple(vector) for vector in vectors}) == 3
    assert all(sum(x * x for x in vector) == pytest.approx(1) for vector in vectors)
    assert answers[0]["usage"] == {"prompt_tokens": 4, "total_tokens": 4}
    assert wrong.status_code == 400


async def test_lists_of_any_depth_are_the_providers_to_judge(tmp_path: Path) -> None:
    body = b'{"model":"ada","input":' + b"[" * 900 + b"]" * 900 + b"}"
    async with embedding(tmp_path, Embeds(usage=None)) as (_, client):
        answer = await client.post("/v1/embeddings", content=body)
    assert answer.status_code == 200, answer.text
