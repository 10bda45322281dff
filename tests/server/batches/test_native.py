"""A batch that one Anthropic would answer is passed on where the role says so, and comes home."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from server.batches import native
from tests.running import Running, make_home, running, write
from tests.server.batches.anthropics import PATH, Anthropic
from tests.server.batches.batching import ended, entries, results, seen, sent, stored
from tests.standin import StandIn, Status

ROLE = """
    name: Coder
    batches: native
    scenarios: {default: [claude, sonnet], background: [claude, haiku]}
"""
PRICE = "{input: 3.0, output: 15.0}"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(native, "_SOONEST", 0.01)
    monkeypatch.setattr(native, "_LATEST", 0.05)


def home_of(folder: Path, url: str, role: str = ROLE, more: str = "") -> Path:
    home = make_home(folder, url)
    models = f"models: [{{id: sonnet, price: {PRICE}}}, {{id: haiku, price: {PRICE}}}]\n"
    text = f"name: claude\nservice: anthropic\nlocation: {url}\napi_key: ${{TEST_KEY}}\n"
    write(home, "haystacks/claude.yaml", text + models + more)
    write(home, "roles/coder.yaml", role)
    return home


async def told(proxy: Running, requests: list[Any]) -> str:
    async with proxy.client() as client:
        answer = await client.post(PATH, json={"requests": requests})
    assert answer.status_code == 200, answer.text
    return str(answer.headers.get("x-rolegraph-batches", ""))


async def test_it_is_passed_on_as_a_whole_and_its_results_are_ours(tmp_path: Path) -> None:
    provider = Anthropic()
    requests = entries("one", "refuse", "expired", model="claude-sonnet-4-5")
    requests[0]["params"]["model"] = "claude-haiku-4-5"
    async with StandIn(provider) as upstream:
        home = home_of(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            batch = await sent(client, requests, **{"anthropic-beta": "context-1m-2025-08-07"})
            await stored(home, "SELECT succeeded = 1 FROM batches")
            going_on = await seen(client, batch)
            assert going_on["processing_status"] == "in_progress"
            assert going_on["request_counts"]["processing"] == 2
            provider.status = "ended"
            done = await ended(client, batch)
            found = await results(client, done)
            await stored(home, "SELECT count(*) FROM requests WHERE surface = 'batch'")
            usage = _usage(home)
    assert [each["params"]["model"] for each in provider.batches[0]] == [
        "haiku",
        "sonnet",
        "sonnet",
    ]
    assert provider.asked[0].headers["x-api-key"] == "upstream-key"
    assert provider.asked[0].headers["anthropic-beta"] == "context-1m-2025-08-07"
    assert len(provider.batches) == 1
    assert len(upstream.requests) == len(provider.asked)  # no message was asked for by itself
    assert found["id-0"]["message"]["model"] == "claude-haiku-4-5"
    assert found["id-1"]["error"]["error"]["message"] == "refused"
    assert found["id-2"] == {"type": "expired"}
    counts = done["request_counts"]
    assert (counts["succeeded"], counts["errored"], counts["expired"]) == (1, 1, 1)
    # Half of 25 x $3 and 12 x $15 a million.
    assert usage == [("claude", "haiku", "Coder", 127_500)]


def _usage(home: Path) -> list[Any]:
    with closing(sqlite3.connect(home / "state" / "rolegraph.db")) as connection:
        query = "SELECT haystack, model, role, nano_usd FROM requests"
        return connection.execute(query).fetchall()


async def test_cancelling_is_passed_on(tmp_path: Path) -> None:
    provider = Anthropic()
    async with StandIn(provider) as upstream:
        async with running(home_of(tmp_path, upstream.url)) as proxy, proxy.client() as client:
            batch = await sent(client, entries("one", "canceled"))
            await upstream.until(lambda: provider.polls > 0)
            canceling = (await client.post(f"{PATH}/{batch['id']}/cancel")).json()
            assert canceling["processing_status"] == "canceling"
            await upstream.until(lambda: provider.status == "canceling")
            provider.status = "ended"
            found = await results(client, await ended(client, canceling))
    assert [found[name]["type"] for name in ("id-0", "id-1")] == ["succeeded", "canceled"]


async def test_another_server_goes_on_with_it(tmp_path: Path) -> None:
    provider = Anthropic()
    async with StandIn(provider) as upstream:
        home = home_of(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            batch = await sent(client, entries("one", "two"))
            await upstream.until(lambda: provider.polls > 0)
        provider.status = "ended"
        async with running(home) as proxy, proxy.client() as client:
            done = await ended(client, await seen(client, batch))
    assert done["request_counts"]["succeeded"] == 2
    assert len(provider.batches) == 1


async def test_a_batch_that_the_provider_refuses_is_done_here(tmp_path: Path) -> None:
    provider = Anthropic(refuse=Status(400, "no batches for you"))
    async with StandIn(provider) as upstream:
        async with running(home_of(tmp_path, upstream.url)) as proxy, proxy.client() as client:
            done = await ended(client, await sent(client, entries("one", "two")))
    assert done["request_counts"]["succeeded"] == 2
    assert sorted(request.path for request in upstream.requests) == [
        "/v1/messages",
        "/v1/messages",
        PATH,
    ]


async def test_a_provider_in_trouble_is_asked_again(tmp_path: Path) -> None:
    provider = Anthropic(refuse=Status(529, "Overloaded"), status="ended")
    async with StandIn(provider) as upstream:
        async with running(home_of(tmp_path, upstream.url)) as proxy, proxy.client() as client:
            batch = await sent(client, entries("one", "two"))
            await upstream.until(lambda: len(provider.asked) > 1)
            provider.refuse = None
            done = await ended(client, batch)
    assert done["request_counts"]["succeeded"] == 2
    assert len(provider.batches) == 1


@pytest.mark.parametrize(
    ("role", "more", "texts", "header"),
    [
        (ROLE, "", ["one", "two"], "native, claude"),
        (ROLE, "", ["one", "quick answer"], "own: requests go to claude and to second"),
        (ROLE, "transformers: [cleancache]\n", ["one"], "own: requests to claude are transformed"),
        (ROLE + "    budget: {daily_usd: 1}\n", "", ["one"], "own: a budget counts each request"),
        (ROLE.replace("claude", "first"), "", ["one"], "own: requests go to first, which takes"),
        (ROLE.replace("native", "own"), "", ["one"], ""),
    ],
)
async def test_the_answer_says_who_works_on_it_where_the_role_has_asked(
    tmp_path: Path, role: str, more: str, texts: list[str], header: str
) -> None:
    provider = Anthropic(status="ended")
    async with StandIn(provider) as upstream:
        async with running(home_of(tmp_path, upstream.url, role, more)) as proxy:
            found = await told(proxy, entries(*texts))
            async with proxy.client() as client:
                batch = (await client.get(PATH)).json()["data"][0]
                done = await ended(client, batch)
    assert found.startswith(header)
    assert bool(found) == bool(header)
    assert bool(provider.batches) == header.startswith("native")
    assert done["request_counts"]["succeeded"] == len(texts)
