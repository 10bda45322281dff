"""Errors, headers, counts, lists and names: W55 to W65."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.running import SERVICES, make_home, running, user, write
from tests.standin import Answer, Behaviour, Html, Seen, StandIn, Status
from tests.wire.wired import BOTH, CLIENTS, STREAM, UPSTREAMS, wired

Json = dict[str, Any]

# What the provider does, and what clients are told: the status, Anthropic's type, OpenAI's code.
TROUBLES: tuple[tuple[Behaviour, int, str, str], ...] = (
    (Status(503, b"upstream connect error"), 503, "overloaded_error", "server_is_overloaded"),
    (Status(529), 529, "overloaded_error", "server_is_overloaded"),
    (Status(429), 429, "rate_limit_error", "rate_limit_exceeded"),
    (Status(500), 500, "api_error", "server_error"),
    (Html(502), 502, "api_error", "server_error"),
    (Html(200), 502, "api_error", "server_error"),
)


@CLIENTS
@UPSTREAMS
@STREAM
async def test_w55_an_upstreams_error_has_the_clients_own_shape(
    tmp_path: Path, client: str, dialect: str, *, stream: bool
) -> None:
    """A 503, 529, 429 or a web page -> the client's own envelope, with the right status."""
    async with wired(tmp_path, [trouble[0] for trouble in TROUBLES], dialect) as wire:
        for _, status, kind, code in TROUBLES:
            heard = await wire.ask(client, stream=stream)
            told = kind if client == "anthropic" else code
            assert (heard.status, heard.error) == (status, told)
            assert heard.headers["content-type"] == "application/json"
            assert "<" not in heard.message


@CLIENTS
@UPSTREAMS
@STREAM
async def test_w55_a_web_page_on_the_way_is_passed_over(
    tmp_path: Path, client: str, dialect: str, *, stream: bool
) -> None:
    """A web page where an answer should be -> the next candidate."""
    async with wired(tmp_path, [Html(200), Answer(text="well")], dialect, role=BOTH) as wire:
        heard = await wire.ask(client, stream=stream)
    assert (heard.text, heard.headers["x-rolegraph-attempts"]) == ("well", "2")


LIMITS = {
    "anthropic-ratelimit-requests-remaining": "7",
    "x-ratelimit-remaining-tokens": "9",
    "retry-after": "17",
}


@CLIENTS
@UPSTREAMS
@pytest.mark.parametrize("role", ["cheap", BOTH], ids=["one candidate", "several"])
async def test_w56_limits_are_told_with_the_refusal(
    tmp_path: Path, client: str, dialect: str, role: str
) -> None:
    """`retry-after` and rate limits on an error -> the client's to see, whatever it speaks."""
    async with wired(tmp_path, [Status(429, headers=LIMITS)], dialect, role=role) as wire:
        heard = await wire.ask(client)
    assert heard.status == 429
    assert LIMITS.items() <= heard.headers.items()


@CLIENTS
@UPSTREAMS
async def test_w56_limits_are_told_with_the_answer(
    tmp_path: Path, client: str, dialect: str
) -> None:
    """Rate limits on a good answer -> the client's to see, whatever it speaks."""

    def limited(seen: Seen) -> Behaviour:
        return Status(200, Answer().whole(seen), LIMITS)

    async with wired(tmp_path, limited, dialect) as wire:
        heard = await wire.ask(client)
    assert heard.status == 200
    assert LIMITS.items() <= heard.headers.items()


async def test_w57_fifty_counts_at_once_are_made_here(tmp_path: Path) -> None:
    """`count_tokens`, 50 times at a client's start -> answered here within a moment, and right."""
    words = "The quick brown fox jumps over the lazy dog. " * 100
    plain = {"model": "gpt-4o", "messages": [{"role": "user", "content": words}]}
    tools = [{"name": "look", "description": words, "input_schema": {"type": "object"}}]
    picture = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    seen = [{"role": "user", "content": [{"type": "image", "source": picture}]}]
    bodies = [
        plain,
        plain | {"system": words},
        plain | {"tools": tools},
        plain | {"messages": seen},
    ]
    async with wired(tmp_path, [Answer()]) as wire, wire.proxy.client() as http:
        began = time.perf_counter()
        answers = await asyncio.gather(
            *(http.post("/v1/messages/count_tokens", json=bodies[i % 4]) for i in range(50))
        )
        took = time.perf_counter() - began
    assert wire.upstream.requests == []
    assert {answer.status_code for answer in answers} == {200}
    text, system, tool, image = (answer.json()["input_tokens"] for answer in answers[:4])
    assert text == pytest.approx(1000, rel=0.1)  # ten tokens each time, as OpenAI counts
    assert system == pytest.approx(2000, rel=0.1)
    assert tool > 1900
    assert 50 < image < 2000
    assert took < 3


async def test_w58_models_are_listed_in_the_shape_that_is_asked_for(tmp_path: Path) -> None:
    """Model discovery -> Anthropic's shape when asked so, with the limits, and no redirect."""
    more = "models: [{id: large, context_window: 200000, max_output: 64000}]\n"
    async with wired(tmp_path, [Answer()], more=more) as wire, wire.proxy.client() as http:
        version = {"anthropic-version": "2023-06-01"}
        theirs = await http.get("/v1/models?limit=1000", headers=version)
        openais = await http.get("/v1/models")
        slash = await http.get("/v1/models/")
    [card] = [card for card in theirs.json()["data"] if card["id"] == "second,large"]
    assert (card["type"], card["max_input_tokens"], card["max_tokens"]) == (
        "model",
        200_000,
        64_000,
    )
    assert theirs.json()["has_more"] is False
    assert openais.json()["object"] == "list"
    assert {theirs.status_code, openais.status_code} == {200}
    assert slash.status_code == 404


TOKEN = "Bearer sk-ant-oat01-" + "secret" * 8
SUBSCRIPTION = """
name: first
service: anthropic
location: {url}
auth: passthrough
"""


@STREAM
async def test_w59_a_subscriptions_token_goes_to_its_own_haystack_alone(
    tmp_path: Path, *, stream: bool
) -> None:
    """A subscription's OAuth bearer -> to the haystack that passes it on, never to the next
    candidate, never into the log."""
    async with StandIn([Answer(text="mine"), Status(529)]) as own:
        async with wired(
            tmp_path, [Answer(text="other")], role=BOTH, verbose_requests=True
        ) as wire:
            write(wire.proxy.home, "haystacks/first.yaml", SUBSCRIPTION.format(url=own.url))
            async with wire.proxy.client() as http:
                assert (await http.post("/api/reload")).status_code == 200
            headers = {"authorization": TOKEN}
            mine = await wire.ask(headers=headers, stream=stream)
            other = await wire.ask(headers=headers, stream=stream)
            without = await wire.ask(
                headers={"authorization": "Bearer sk-other-key"}, stream=stream
            )
    assert (mine.text, other.text, without.text) == ("mine", "other", "other")
    assert [seen.headers["authorization"] for seen in own.requests] == [TOKEN, TOKEN]
    assert not any("x-api-key" in seen.headers for seen in own.requests)
    assert {seen.headers["x-api-key"] for seen in wire.upstream.requests} == {"upstream-key"}
    assert not any("authorization" in seen.headers for seen in wire.upstream.requests)
    assert without.headers["x-rolegraph-attempts"] == "1"
    assert "secret" not in str(wire.log)


async def test_w59_a_subscriptions_refused_token_is_the_clients_to_renew(tmp_path: Path) -> None:
    """A 401 for the client's own token -> the client's 401, and no other candidate pays."""
    async with StandIn([Status(401, "OAuth token has expired")]) as own:
        async with wired(tmp_path, [Answer(text="other")], role=BOTH) as wire:
            write(wire.proxy.home, "haystacks/first.yaml", SUBSCRIPTION.format(url=own.url))
            async with wire.proxy.client(authorization=TOKEN) as http:
                assert (await http.post("/api/reload")).status_code == 200
                refused = await http.post("/v1/messages", json=user("hello"))
    error = refused.json()["error"]
    assert (refused.status_code, error["type"]) == (401, "authentication_error")
    assert error["message"] == "OAuth token has expired"
    assert wire.upstream.requests == []


CACHING = pytest.mark.parametrize("dialect", [name for name in SERVICES if name != "ollama"])


@CLIENTS
@CACHING
@STREAM
async def test_w60_cached_tokens_are_counted_once(
    tmp_path: Path, client: str, dialect: str, *, stream: bool
) -> None:
    """Tokens from the provider's cache -> once: beside the input for Anthropic's clients, inside it
    for OpenAI's; the log has one form for all."""
    answer = Answer(input_tokens=25, cached_tokens=100)
    async with wired(tmp_path, [answer], dialect) as wire:
        heard = await wire.ask(client, stream=stream)
    assert (heard.input, heard.cached) == (25, 100)
    assert (wire.line["input_tokens"], wire.line["cached_tokens"]) == (25, 100)


async def test_w60_deepseeks_own_names_are_understood(tmp_path: Path) -> None:
    """DeepSeek names its cached tokens differently -> the same normal form."""
    usage = {"prompt_tokens": 125, "prompt_cache_hit_tokens": 100, "completion_tokens": 3}
    said = {"role": "assistant", "content": "yes"}
    body = {"id": "c", "choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}
    async with wired(tmp_path, [Status(200, {**body, "usage": usage})], "openai_chat") as wire:
        heard = await wire.ask()
    assert (heard.input, heard.cached, heard.output) == (25, 100, 3)


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("second,org/model:free", "org/model:free"),
        ("second:org/model:free", "org/model:free"),
        ("second,a,b", "a,b"),
        ("second, qwen2.5-coder:latest ", "qwen2.5-coder:latest"),
        ("org/model:free", "cheap-model"),
    ],
)
async def test_w65_names_with_slashes_and_colons_are_read_by_rule(
    tmp_path: Path, asked: str, sent: str
) -> None:
    """Model names with slashes and colons -> the first comma parts haystack and model, a colon only
    behind a haystack's name; any other name is routed."""
    async with wired(tmp_path, [Answer()]) as wire:
        await wire.ask(model=asked)
    assert wire.seen.body["model"] == sent


@CLIENTS
async def test_w65_what_is_wrong_with_a_name_is_said_by_name(tmp_path: Path, client: str) -> None:
    """A haystack that there is not -> 404, and the names that there are."""
    async with wired(tmp_path, [Answer()]) as wire:
        heard = await wire.ask(client, model="secnd,large")
    told = "not_found_error" if client == "anthropic" else "not_found"
    assert (heard.status, heard.error) == (404, told)
    assert '"secnd"' in heard.message
    assert "first, second" in heard.message


async def test_w65_an_ambiguous_bare_name_is_found_at_load(tmp_path: Path) -> None:
    """A bare name that two haystacks offer -> the first by the role's order, and a warning at load
    that names it."""
    async with StandIn([Answer()]) as upstream:
        home = make_home(tmp_path, upstream.url, more="models: [twin]\n")
        honour = "name: Coder\nshortname: coder\nplain_model: honour\nstrategy: static\n"
        write(home, "roles/coder.yaml", honour)
        async with running(home) as proxy, proxy.client() as http:
            told = (await http.get("/api/reload")).json()
            body = {
                "model": "twin",
                "max_tokens": 9,
                "messages": [{"role": "user", "content": "?"}],
            }
            answer = await http.post("/v1/messages", json=body)
    assert answer.headers["x-rolegraph-haystack"] == "first"
    assert b"RG112" in orjson.dumps(told)
    assert b"twin" in orjson.dumps(told)
