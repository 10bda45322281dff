"""A role whose Anthropic keeps files natively has them there, and only there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.platform_home import KEYS, Says, make_platform
from tests.running import running, write
from tests.server.files.uploading import ANTHROPIC, END, KIND, left, part
from tests.standin import Answer, Behaviour, StandIn
from tests.standin.wire import Seen

THEIRS = "file_011CNha8iCJcU1wXNR6q4V8w"
STORED = Says(b'{"type":"file","id":"file_011CNha8iCJcU1wXNR6q4V8w"}')
BOTH = "name: both\nhaystacks: [claude, other]\nscenarios: {default: [[other, o], [claude, c]]}\n"
FOREIGN = "name: foreign\nhaystacks: [other]\nscenarios: {default: [other, o]}\n"


def script(seen: Seen) -> Behaviour:
    return Answer(text="read") if "/messages" in seen.path or "/chat" in seen.path else STORED


@asynccontextmanager
async def native(
    folder: Path, role: str, more: str = "files: native\n"
) -> AsyncIterator[tuple[StandIn, httpx.AsyncClient]]:
    async with StandIn(script) as upstream:
        home = make_platform(folder, upstream.url)
        with (home / "haystacks/claude.yaml").open("a") as file:
            file.write(more)
        write(home, "haystacks/other.yaml", f"{OTHER}location: {upstream.url}/v1\n")
        write(home, "roles/both.yaml", BOTH)
        write(home, "roles/foreign.yaml", FOREIGN)
        async with (
            running(home, environ=KEYS, role=role) as proxy,
            proxy.client(**ANTHROPIC) as client,
        ):
            yield upstream, client


OTHER = "name: other\nservice: openai-compatible\nmodels: [o]\n"


def asking(file_id: str) -> dict[str, object]:
    document = {"type": "document", "source": {"type": "file", "file_id": file_id}}
    message = {"role": "user", "content": [document]}
    return {"model": "auto", "max_tokens": 64, "messages": [message]}


async def test_every_call_passes_to_it_untouched(tmp_path: Path) -> None:
    body = part(b"hello") * 2  # no form of ours
    async with native(tmp_path, "both") as (upstream, client):
        told = await client.post("/v1/files?beta=true", content=body, headers=KIND)
        await client.get("/v1/files", params={"limit": 3})
        await client.get(f"/v1/files/{THEIRS}")
        await client.get(f"/v1/files/{THEIRS}/content")
        await client.delete(f"/v1/files/{THEIRS}")
    assert (told.status_code, told.content) == (200, STORED.body)
    assert [(seen.method, seen.path) for seen in upstream.requests] == [
        ("POST", "/v1/files?beta=true"),
        ("GET", "/v1/files?limit=3"),
        ("GET", f"/v1/files/{THEIRS}"),
        ("GET", f"/v1/files/{THEIRS}/content"),
        ("DELETE", f"/v1/files/{THEIRS}"),
    ]
    assert upstream.requests[0].raw == body
    assert left(tmp_path) == []


@pytest.mark.parametrize("role", ["both", "claude"])
async def test_its_ids_pass_to_it_and_to_no_other(tmp_path: Path, role: str) -> None:
    async with native(tmp_path, role) as (upstream, client):
        answer = await client.post("/v1/messages", json=asking(THEIRS))
        counted = await client.post("/v1/messages/count_tokens", json=asking(THEIRS))
    assert answer.status_code == 200
    assert answer.headers["x-rolegraph-haystack"] == "claude"
    assert [THEIRS in seen.raw.decode() for seen in upstream.requests] == [True]
    assert counted.json()["input_tokens"] > 0


async def test_a_role_without_it_keeps_its_files_here(tmp_path: Path) -> None:
    async with native(tmp_path, "both") as (upstream, client):
        foreign = {"x-rolegraph-role": "foreign"}
        stored = await client.post(
            "/v1/files", content=part(b"hello") + END, headers={**KIND, **foreign}
        )
        here = stored.json()["id"]
        assert left(tmp_path) == [here]
        assert (await client.get(f"/role/foreign/v1/files/{here}")).status_code == 200
        assert upstream.requests == []
        read = await client.post("/v1/messages", json=asking(here), headers=foreign)
        assert read.status_code == 200
        # What is kept here has no id there: it goes along whole, to whoever answers.
        read = await client.post(
            "/v1/messages", json=asking(here), headers={"x-rolegraph-role": "claude"}
        )
        assert read.status_code == 200
        missing = await client.post("/v1/messages", json=asking(THEIRS), headers=foreign)
    assert ["hello" in seen.raw.decode() for seen in upstream.requests] == [True, True]
    assert missing.status_code == 404
    assert missing.json()["error"]["type"] == "not_found_error"
    assert THEIRS in missing.json()["error"]["message"]


async def test_an_anthropic_that_does_not_say_so_gets_no_files(tmp_path: Path) -> None:
    async with native(tmp_path, "claude", more="") as (upstream, client):
        stored = await client.post("/v1/files", content=part(b"hello") + END, headers=KIND)
        assert left(tmp_path) == [stored.json()["id"]]
        assert upstream.requests == []
        for path in ("/v1/messages", "/v1/messages/count_tokens"):
            missing = await client.post(path, json=asking(THEIRS))
            assert (missing.status_code, THEIRS in missing.text) == (404, True)
    assert upstream.requests == []


async def test_files_of_openais_clients_are_openais(tmp_path: Path) -> None:
    async with native(tmp_path, "gpt") as (upstream, client):
        del client.headers["anthropic-version"]
        passed = await client.get("/v1/files")
        nobody = await client.get("/role/claude/v1/files")
    assert (passed.status_code, nobody.status_code) == (200, 501)
    assert [seen.path for seen in upstream.requests] == ["/v1/files"]
    assert upstream.requests[0].headers["authorization"] == "Bearer sk-ours-openai"
