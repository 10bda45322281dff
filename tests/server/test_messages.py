"""Requests of every client dialect: routed, answered, explained."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from tests.asking import PATHS, asking
from tests.running import make_home, running, user
from tests.standin import Answer, StandIn, Status

CLIENTS = pytest.mark.parametrize("client_dialect", PATHS)
BOTH = pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])


@CLIENTS
@BOTH
async def test_a_prompt_goes_where_its_concept_leads_and_the_headers_say_why(
    tmp_path: Path, dialect: str, client_dialect: str
) -> None:
    path = PATHS[client_dialect]
    async with StandIn([Answer(text="done")] * 2) as upstream:
        home = make_home(tmp_path, upstream.url, dialects=(dialect, dialect))
        async with running(home) as proxy, proxy.client() as client:
            matched = await client.post(path, json=asking(client_dialect, "plan mode please"))
            plain = await client.post(path, json=asking(client_dialect, "good morning"))
    assert '"done"' in matched.text
    assert {
        name: matched.headers[f"x-rolegraph-{name}"]
        for name in ("role", "phase", "concept", "haystack", "model", "confidence", "attempts")
    } == {
        "role": "coder",
        "phase": "pattern",
        "concept": "think_routing",
        "haystack": "first",
        "model": "deep-model",
        "confidence": "0.80",
        "attempts": "1",
    }
    assert matched.headers["request-id"] == matched.headers["x-request-id"]
    assert plain.headers["x-rolegraph-phase"] == "scenario"
    assert [seen.body["model"] for seen in upstream.requests] == ["deep-model", "plain-model"]


async def test_where_both_sides_speak_anthropic_no_byte_changes_but_the_models_name(
    tmp_path: Path,
) -> None:
    body = (
        b'{ "messages" :[{"role":"user","content":"plan\\u0020mode"}] , "x_new": 1.50,'
        b' "tools":[{"name":"t","input_schema":{"properties":{"model":{"type":"string"}}}}],'
        b'\n"model": "claude-x","max_tokens":100}'
    )
    async with StandIn([Answer(text="ok", thinking="hm", signature="c2ln")]) as upstream:
        async with running(make_home(tmp_path, upstream.url)) as proxy, proxy.client() as client:
            answer = await client.post(
                "/v1/messages?beta=true",
                content=body,
                headers=[
                    ("anthropic-beta", "one-2025"),
                    ("anthropic-beta", "two-2026"),
                    ("anthropic-version", "2026-10-21"),
                    ("x-api-key", "client-secret"),
                    ("x-new-header", "kept"),
                ],
            )
        seen = upstream.requests[0]
    assert seen.raw == body.replace(b'"claude-x"', b'"deep-model"')
    assert seen.path == "/v1/messages?beta=true"
    assert seen.headers["anthropic-beta"] == "one-2025, two-2026"
    assert seen.headers["anthropic-version"] == "2026-10-21"
    assert seen.headers["x-new-header"] == "kept"
    assert seen.headers["x-api-key"] == "upstream-key"
    assert answer.content == orjson.dumps(answer.json())
    assert answer.json()["content"][0]["signature"] == "c2ln"


@CLIENTS
@BOTH
async def test_a_stream_ends_as_its_dialect_ends(
    tmp_path: Path, dialect: str, client_dialect: str
) -> None:
    async with StandIn([Answer(text="one two three")]) as upstream:
        home = make_home(tmp_path, upstream.url, dialects=(dialect, dialect))
        async with running(home) as proxy, proxy.client() as client:
            body = asking(client_dialect, stream=True)
            answer = await client.post(PATHS[client_dialect], json=body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = answer.text.strip().splitlines()
    if client_dialect == "anthropic":
        assert lines[0] == "event: message_start"
        assert lines[-1] == 'data: {"type":"message_stop"}'
    elif client_dialect == "openai_responses":
        assert lines[0] == "event: response.created"
        assert lines[-2] == "event: response.completed"
    else:
        assert lines[-1] == "data: [DONE]"
        assert all(line.startswith("data: ") for line in lines if line)


@CLIENTS
async def test_the_role_is_taken_from_header_path_and_model_in_that_order(
    tmp_path: Path, client_dialect: str
) -> None:
    path = PATHS[client_dialect]
    async with StandIn([Answer(text="x")] * 6) as upstream:
        async with running(make_home(tmp_path, upstream.url)) as proxy, proxy.client() as client:

            async def role(to: str, model: str = "auto", **headers: str) -> str:
                answer = await client.post(
                    to, json=asking(client_dialect, model=model), headers=headers
                )
                return answer.headers["x-rolegraph-role"]

            assert await role(path) == "coder"
            assert await role(f"/role/cheap{path}") == "cheap"
            assert await role(f"/role/Cheap{path}", **{"x-rolegraph-role": "coder"}) == "coder"
            assert await role(path, model="role:cheap") == "cheap"
            assert await role(path, model="anthropic/role:cheap") == "cheap"
            assert await role(path, **{"x-terraphim-role": "CHEAP"}) == "cheap"
        models = [seen.body["model"] for seen in upstream.requests]
    assert models == ["plain-model", *["cheap-model"] * 1, "plain-model", *["cheap-model"] * 3]


async def test_auto_takes_the_role_that_matches_most_concepts(tmp_path: Path) -> None:
    async with StandIn([Answer(text="x")]) as upstream:
        home = make_home(tmp_path, upstream.url)
        (home / "kg/other").mkdir()
        (home / "kg/other/rare.md").write_text("# Rare\nsynonyms:: rare thing\nroute:: second, r\n")
        for role, folder in (("cheap", "other"), ("coder", "routing")):
            with (home / f"roles/{role}.yaml").open("a") as file:
                file.write(f"kg: [{folder}]\n")
        async with running(home) as proxy, proxy.client(**{"x-rolegraph-role": "auto"}) as client:
            answer = await client.post("/v1/messages", json=user("a rare thing"))
    assert answer.headers["x-rolegraph-role"] == "cheap"
    assert answer.headers["x-rolegraph-concept"] == "rare"


def asked(model: bytes, said: bytes = b'[{"role":"user","content":"x"}]') -> bytes:
    """Return a body that is a request of every dialect."""
    return b'{"model":"%b","max_tokens":5,"messages":%b,"input":%b}' % (model, said, said)


@pytest.mark.parametrize(
    ("path", "shape"),
    [(path, dialect) for dialect, path in PATHS.items()],
)
@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"{", 400, "not JSON"),
        (b"[]", 400, "object"),
        (asked(b"auto", b"[]"), 400, "at least one"),
        (asked(b"auto", b'[{"role":"user","content":5}]'), 400, "content"),
        (asked(b"nowhere,m"), 404, "nowhere"),
        (asked(b"role:none"), 404, "none"),
    ],
)
async def test_what_cannot_be_served_is_told_in_the_clients_own_shape(
    tmp_path: Path, path: str, shape: str, body: bytes, status: int, told: str
) -> None:
    async with (
        running(make_home(tmp_path, "http://127.0.0.1:9")) as proxy,
        proxy.client() as client,
    ):
        answer = await client.post(path, content=body)
    assert answer.status_code == status
    assert told in answer.json()["error"]["message"]
    assert (answer.json().get("type") == "error") == (shape == "anthropic")


async def test_an_upstreams_400_passes_word_for_word_and_asks_nobody_else(tmp_path: Path) -> None:
    said = (
        b'{"type":"error","error":{"type":"invalid_request_error",'
        b'"message":"prompt is too long: 9 tokens > 8 maximum","extra":1}}'
    )
    refusal = Status(400, said, {"content-type": "application/json"})
    async with (
        StandIn([refusal]) as upstream,
        running(make_home(tmp_path, upstream.url)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.post("/v1/messages", json=user("hello"))
    assert (answer.status_code, answer.content) == (400, said)
    assert len(upstream.requests) == 1


async def test_a_body_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    async with running(home, max_body=1000) as proxy, proxy.client() as client:
        declared = await client.post("/v1/messages", content=b"x" * 1001)
        streamed = await client.post("/v1/messages", content=_pieces())
    assert declared.status_code == streamed.status_code == 413
    assert declared.json()["error"]["type"] == "request_too_large"


async def _pieces() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield b"x" * 100


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@BOTH
async def test_an_anthropic_client_is_answered_under_the_name_it_asked_for(
    tmp_path: Path, dialect: str, *, stream: bool
) -> None:
    async with StandIn([Answer(text="hi", model="true-name")]) as upstream:
        home = make_home(tmp_path, upstream.url, dialects=(dialect, dialect))
        async with running(home) as proxy, proxy.client() as client:
            named = {**user("hello", stream=stream), "model": "claude-opus-5-5"}
            answers = [
                await client.post("/v1/messages", json=body)
                for body in (named, user("hello", stream=stream))
            ]
    assert '"model":"claude-opus-5-5"' in answers[0].text
    assert '"model":"true-name"' in answers[1].text
    assert answers[0].headers["x-rolegraph-model"] == "plain-model"
