"""A batch from its beginning to its end, as its client sees it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.keys import create_key, read_keys, write_keys
from tests.running import CHEAP, make_home, running, write
from tests.server.batches.batching import PATH, ended, entries, results, seen, sent, stored
from tests.standin import Answer, Behaviour, Held, Seen, StandIn, Status
from tests.talk import Clock

DAY = 86_400.0
REFUSED = "messages.0: this one is refused"


def refusing(seen: Seen) -> Behaviour:
    return Status(400, REFUSED) if b"refuse" in seen.raw else Answer()


async def test_each_request_ends_as_it_would_have_alone_and_keeps_its_id(tmp_path: Path) -> None:
    async with StandIn(refusing) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            texts = ["hello", "refuse me", "plan mode: think", "refuse me too"]
            batch = await sent(client, entries(*texts))
            assert batch["type"] == "message_batch"
            assert batch["results_url"] is None
            done = await ended(client, batch)
            found = await results(client, done)
    assert done["request_counts"] == {
        "processing": 0,
        "succeeded": 2,
        "errored": 2,
        "canceled": 0,
        "expired": 0,
    }
    assert done["created_at"] <= done["ended_at"] < done["expires_at"]
    assert {name: result["type"] for name, result in found.items()} == {
        "id-0": "succeeded",
        "id-1": "errored",
        "id-2": "succeeded",
        "id-3": "errored",
    }
    assert found["id-0"]["message"]["content"][0]["text"] == Answer().text
    told = found["id-1"]["error"]
    assert (told["type"], told["error"]["message"]) == ("error", REFUSED)
    asked = [request.body["messages"][0]["content"] for request in upstream.requests]
    assert sorted(asked) == sorted(texts)
    models = {
        request.body["messages"][0]["content"]: request.model for request in upstream.requests
    }
    assert models["plan mode: think"] == "deep-model"


async def test_every_dialect_of_a_provider_answers_in_anthropics_shape(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url, dialects=("openai_chat", "gemini"))
        async with running(home) as proxy, proxy.client() as client:
            texts = ["hello", "quick answer: hello"]
            found = await results(client, await ended(client, await sent(client, entries(*texts))))
    assert {request.speech for request in upstream.requests} == {"openai", "gemini"}
    for result in found.values():
        assert result["message"]["content"][0]["text"] == Answer().text
        assert result["message"]["usage"]["output_tokens"] == Answer().output_tokens


async def test_the_role_is_by_metadata_header_path_or_model_the_first_that_is_given(
    tmp_path: Path,
) -> None:
    own = entries("mine", metadata={"rolegraph_role": "cheap", "user_id": "u"})
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            plain = await sent(client, own)
            by_header = await sent(client, entries("x"), **{"x-rolegraph-role": "cheap"})
            answer = await client.post(f"/role/cheap{PATH}", json={"requests": entries("x")})
            by_model = await sent(
                client, [{"custom_id": "a", "params": {**own[0]["params"], "model": "role:cheap"}}]
            )
            mixed = await sent(client, own, **{"x-rolegraph-role": "coder"})
            for batch in (plain, by_header, answer.json(), by_model, mixed):
                await ended(client, batch)
    assert [request.model for request in upstream.requests] == ["cheap-model"] * 5
    assert {str(request.body.get("metadata")) for request in upstream.requests} == {
        "None",
        "{'user_id': 'u'}",
    }


async def test_a_role_may_have_a_name_in_any_alphabet(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        write(home, "roles/cheap.yaml", CHEAP.replace("shortname: cheap", "shortname: günstig"))
        async with running(home) as proxy, proxy.client() as client:
            headers = {b"x-rolegraph-role": "günstig".encode()}
            body = {"requests": entries("x")}
            answer = await client.post(PATH, json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            await ended(client, answer.json())
    assert upstream.requests[0].model == "cheap-model"


async def test_the_headers_of_the_batch_are_those_of_its_requests(tmp_path: Path) -> None:
    betas = "message-batches-2024-09-24,context-1m-2025-08-07"
    secret = {"authorization": "Bearer secret", "cookie": "secret", "x-api-key": "secret"}
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            headers = {"anthropic-version": "2023-06-01", "anthropic-beta": betas, **secret}
            await ended(client, await sent(client, entries("hello"), **headers))
        kept = (home / "state" / "rolegraph.db").read_bytes()
    told = upstream.requests[0].headers
    assert told["anthropic-version"] == "2023-06-01"
    assert told["anthropic-beta"] == "context-1m-2025-08-07"
    assert b"secret" not in kept


async def test_results_are_fetched_from_the_address_that_the_client_used(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            batch = await ended(client, await sent(client, entries("hello")))
            path = f"{PATH}/{batch['id']}"
            assert batch["results_url"] == f"{proxy.url}{path}/results"
            through_role = await client.get(
                f"/role/cheap%2Fone{path}", headers={"host": "localhost"}
            )
            through_tls = await client.get(path, headers={"x-forwarded-proto": "https, http"})
            prefixed = await client.get(path, headers={"x-forwarded-prefix": "/models/"})
            listed = (await client.get(f"/role/cheap{PATH}")).json()["data"][0]
    assert through_role.json()["results_url"] == f"http://localhost/role/cheap%2Fone{path}/results"
    assert through_tls.json()["results_url"] == f"https{proxy.url[4:]}{path}/results"
    assert prefixed.json()["results_url"] == f"{proxy.url}/models{path}/results"
    assert listed["results_url"] == f"{proxy.url}/role/cheap{path}/results"


async def test_a_key_sees_its_own_batches_only(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        mine, other = create_key(home, "mine"), create_key(home, "other")
        async with running(home, require_keys="always") as proxy:
            async with proxy.client(**{"x-api-key": mine}) as client:
                batch = await ended(client, await sent(client, entries("hello")))
            async with proxy.client(**{"x-api-key": other}) as client:
                path = f"{PATH}/{batch['id']}"
                answers = [
                    await client.get(path),
                    await client.get(f"{path}/results"),
                    await client.post(f"{path}/cancel"),
                    await client.delete(path),
                ]
                assert (await client.get(PATH)).json()["data"] == []
            async with proxy.client() as client:
                assert (await client.get(path)).status_code == 401
            async with proxy.client(**{"x-api-key": mine}) as client:
                assert len(await results(client, batch)) == 1
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].json()["error"]["type"] == "not_found_error"


async def test_what_a_key_has_sent_is_not_asked_once_the_key_is_gone(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with StandIn([Held(gate)]) as upstream:
        home = make_home(tmp_path, upstream.url)
        admin, key = create_key(home, "admin"), create_key(home, "mine")
        async with running(home, batch_concurrency=1, require_keys="always") as proxy:
            async with proxy.client(**{"x-api-key": key}) as client:
                batch = await sent(client, entries("one", "two"))
            await upstream.until(lambda: upstream.open_calls == 1)
            async with proxy.client(**{"x-api-key": admin}) as client:
                write_keys(home, read_keys(home)[0][:1])
                assert (await client.post("/api/reload")).status_code == 200
                gate.set()
                await stored(home, "SELECT state = 'ended' FROM batches")
                key = create_key(home, "mine")
                assert (await client.post("/api/reload")).status_code == 200
            async with proxy.client(**{"x-api-key": key}) as client:
                found = await results(client, await seen(client, batch))
    assert found["id-0"]["type"] == "succeeded"
    assert found["id-1"]["error"]["error"]["type"] == "authentication_error"
    assert len(upstream.requests) == 1


async def test_pages_go_from_the_newest_to_the_oldest_and_back(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            made = [(await sent(client, entries("hello")))["id"] for _ in range(5)][::-1]

            async def page(**query: object) -> tuple[list[int], bool]:
                got = (await client.get(PATH, params={k: str(v) for k, v in query.items()})).json()
                ids = [batch["id"] for batch in got["data"]]
                assert (got["first_id"], got["last_id"]) == (ids[0], ids[-1])
                return [made.index(name) for name in ids], got["has_more"]

            assert await page() == ([0, 1, 2, 3, 4], False)
            assert await page(limit=2) == ([0, 1], True)
            assert await page(limit=2, after_id=made[1]) == ([2, 3], True)
            assert await page(limit=2, after_id=made[2]) == ([3, 4], False)
            assert await page(limit=2, before_id=made[3]) == ([1, 2], True)
            assert await page(limit=2, before_id=made[2]) == ([0, 1], False)
            for wrong in ("0", "1001", "x", "-1", "1" * 5000):
                assert (await client.get(PATH, params={"limit": wrong})).status_code == 400


async def test_cancelling_spares_what_has_begun_and_ends_the_rest(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with StandIn([Held(gate)]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, batch_concurrency=2) as proxy, proxy.client() as client:
            batch = await sent(client, entries(*"abcdef"))
            path = f"{PATH}/{batch['id']}"
            await upstream.until(lambda: upstream.open_calls == 2)
            assert (await client.delete(path)).status_code == 400
            assert (await client.get(f"{path}/results")).status_code == 400
            canceled = (await client.post(f"{path}/cancel")).json()
            assert canceled["processing_status"] == "canceling"
            assert canceled["cancel_initiated_at"]
            assert canceled["request_counts"]["canceled"] == 4
            again = (await client.post(f"{path}/cancel")).json()
            assert again["cancel_initiated_at"] == canceled["cancel_initiated_at"]
            gate.set()
            done = await ended(client, canceled)
            found = await results(client, done)
            assert (await client.post(f"{path}/cancel")).status_code == 400
    assert done["request_counts"]["succeeded"] == 2
    assert (
        sorted(result["type"] for result in found.values()) == ["canceled"] * 4 + ["succeeded"] * 2
    )
    assert len(upstream.requests) == 2


async def test_what_is_left_after_a_day_expires(tmp_path: Path) -> None:
    gate, clock = asyncio.Event(), Clock()
    async with StandIn([Held(gate)]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with (
            running(home, clock=clock, batch_concurrency=1) as proxy,
            proxy.client() as client,
        ):
            batch = await sent(client, entries(*"abc"))
            await upstream.until(lambda: upstream.open_calls == 1)
            clock.now += DAY + 1
            gate.set()
            done = await ended(client, batch)
            found = await results(client, done)
    assert [result["type"] for result in found.values()] == ["succeeded", "expired", "expired"]
    assert len(upstream.requests) == 1


async def test_a_deleted_batch_is_gone_with_its_results(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            batch = await ended(client, await sent(client, entries("hello")))
            path = f"{PATH}/{batch['id']}"
            gone = await client.delete(path)
            assert gone.json() == {"id": batch["id"], "type": "message_batch_deleted"}
            assert (await client.get(path)).status_code == 404
            assert (await client.get(f"{path}/results")).status_code == 404
            assert (await client.delete(path)).status_code == 404


@pytest.mark.parametrize("kept", [1, 29])
async def test_results_are_kept_for_so_many_days(tmp_path: Path, kept: int) -> None:
    clock = Clock()
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, clock=clock, batch_days=kept) as proxy, proxy.client() as client:
            batch = await ended(client, await sent(client, entries("hello")))
        clock.now += kept * DAY - 1
        async with running(home, clock=clock, batch_days=kept) as proxy, proxy.client() as client:
            assert len(await results(client, await seen(client, batch))) == 1
        clock.now += 2
        async with running(home, clock=clock, batch_days=kept) as proxy, proxy.client() as client:
            async with asyncio.timeout(5):
                while (now := await seen(client, batch))["archived_at"] is None:
                    await asyncio.sleep(0.01)
            assert now["results_url"] is None
            assert now["request_counts"]["succeeded"] == 1
            assert (await client.get(f"{PATH}/{batch['id']}/results")).status_code == 404
