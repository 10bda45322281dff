"""What is wrong with a batch is said before anything of it is promised, and nothing is left."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from server.batches import submission
from server.batches.plan import Plan
from tests.running import make_home, running, user
from tests.server.batches.batching import PATH, asked, ended, entries, results, sent, stored
from tests.standin import StandIn, refused_url

HELLO: dict[str, Any] = user("hello")


def one(**fields: object) -> list[object]:
    return [{"custom_id": "a", "params": HELLO, **fields}]


@pytest.mark.parametrize(
    ("requests", "told"),
    [
        ([], "requests: List should have at least 1 item"),
        (None, "requests: Input should be a valid list"),
        (["a"], "requests.0: Input should be a valid dictionary"),
        ([{"params": HELLO}], "requests.0.custom_id: Field required"),
        (one(custom_id=""), "requests.0.custom_id: String should match pattern"),
        (one(custom_id="a b"), "requests.0.custom_id: String should match pattern"),
        (one(custom_id="a" * 65), "requests.0.custom_id: String should match pattern"),
        (one(custom_id="a\n"), "requests.0.custom_id: String should match pattern"),
        (one(custom_id=7), "requests.0.custom_id: String should match pattern"),
        ([*one(), *one()], 'requests.1.custom_id: "a" is not unique in this batch'),
        ([{"custom_id": "a"}], "requests.0.params: Field required"),
        (one(params=[]), "requests.0.params: Input should be a valid dictionary"),
        (one(params=user("x", stream=True)), "requests.0.params.stream: a request of a batch"),
        (one(params={**HELLO, "messages": []}), "requests.0.params.messages: at least one"),
        (one(params={**HELLO, "max_tokens": 0}), "requests.0.params.max_tokens: Input should"),
        (one(params={**HELLO, "x": 2**70}), "requests.0.params: Integer exceeds"),
        (
            one(params={**HELLO, "metadata": {"rolegraph_role": 1}}),
            "requests.0.params.metadata.rolegraph_role: Input should be a valid string",
        ),
        (
            one(params={**HELLO, "metadata": {"rolegraph_role": "\ud800"}}),
            "requests.0.params.metadata.rolegraph_role: Input should be a valid string",
        ),
    ],
)
async def test_the_place_that_is_wrong_is_named_and_nothing_is_kept(
    tmp_path: Path, requests: object, told: str
) -> None:
    home = make_home(tmp_path, refused_url())
    async with running(home) as proxy, proxy.client() as client:
        answer = await client.post(PATH, content=json.dumps({"requests": requests}))
        listed = (await client.get(PATH)).json()
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["message"].startswith(told)
    assert listed == {"data": [], "has_more": False, "first_id": None, "last_id": None}


async def test_an_unknown_role_is_a_404_that_lists_the_roles(tmp_path: Path) -> None:
    home = make_home(tmp_path, refused_url())
    named = entries("hello", metadata={"rolegraph_role": "nobody"})
    async with running(home) as proxy, proxy.client() as client:
        by_header = await client.post(
            PATH, json={"requests": one()}, headers={"x-rolegraph-role": "nobody"}
        )
        by_path = await client.post(f"/role/nobody{PATH}", json={"requests": one()})
        by_metadata = await client.post(PATH, json={"requests": named})
        assert (await client.get(PATH)).json()["data"] == []
    for answer in (by_header, by_path, by_metadata):
        assert answer.status_code == 404
        assert "the roles are: Cheap, Coder" in answer.json()["error"]["message"]
    place = "requests.0.params.metadata.rolegraph_role: "
    assert by_metadata.json()["error"]["message"].startswith(place)


async def test_a_batch_may_be_larger_than_a_message_but_not_than_its_own_limit(
    tmp_path: Path,
) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with (
            running(home, max_body=2000, batch_max_bytes=20_000) as proxy,
            proxy.client() as client,
        ):
            fits = await sent(client, entries(*["x" * 1000] * 15))
            assert len(await results(client, await ended(client, fits))) == 15
            too_large = await client.post(PATH, json={"requests": entries(*["x" * 1000] * 20)})
            one_is = await client.post(PATH, json={"requests": entries("x" * 9000)})
    assert too_large.status_code == 413
    assert too_large.json()["error"]["type"] == "request_too_large"
    assert one_is.status_code == 413


async def test_no_more_requests_are_taken_than_anthropic_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert submission.MOST_REQUESTS == 100_000
    monkeypatch.setattr(submission, "MOST_REQUESTS", 2)
    home = make_home(tmp_path, refused_url())
    async with running(home) as proxy, proxy.client() as client:
        answer = await client.post(PATH, json={"requests": entries("a", "b", "c")})
    assert answer.status_code == 400
    assert "at most 2 items" in answer.json()["error"]["message"]


async def test_a_client_that_leaves_in_the_midst_leaves_nothing_behind(tmp_path: Path) -> None:
    home = make_home(tmp_path, refused_url())
    begun = json.dumps({"requests": entries(*["x" * 100_000] * 30)})[:-20].encode()
    async with running(home) as proxy, proxy.client() as client:
        host, port = proxy.url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST {PATH} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(begun) + 20}\r\n\r\n"
        writer.write(head.encode() + begun)
        await writer.drain()
        await stored(home, "SELECT count(*) FROM batch_bodies")
        writer.close()
        await writer.wait_closed()
        await stored(home, "SELECT count(*) = 0 FROM batch_bodies")
        assert not asked(home, "SELECT count(*) FROM batches")
        assert (await client.get(PATH)).json()["data"] == []


async def test_a_large_request_is_read_beside_what_others_wait_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside: list[bool] = []
    add = Plan.add

    def noted(self: Plan, body: bytes, role: str) -> tuple[str, str]:
        beside.append(threading.current_thread() is not threading.main_thread())
        return add(self, body, role)

    monkeypatch.setattr(Plan, "add", noted)
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            asked = [one()[0], {"custom_id": "b", "params": user("x" * 300_000)}]
            answer = await client.post(PATH, content=json.dumps({"requests": asked}))
    assert answer.status_code == 200
    assert beside == [False, True]
