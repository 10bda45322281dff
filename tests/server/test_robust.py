"""Whatever a client sends, the answer is an answer or says what is wrong; never a fault of ours."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.running import haystack, make_home, running, user, write
from tests.server.odd import ANYTHING, ODD, changed, odd_bodies, places
from tests.server.right import BODIES, COUNTED
from tests.standin import Answer, Seen, StandIn, Wire
from tests.standin.answer import SPEECHES
from tests.standin.wire import EVENTS, JSON

SAID = Answer(text="ok")
PATHS = pytest.mark.parametrize("path", BODIES)
# To the haystacks that speak Anthropic's dialect, chat completions and Responses.
ROLES = ("coder", "cheap", "third")
MANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True, slots=True)
class Deaf:
    """A good answer, whatever the body says."""

    async def play(self, request: Seen, wire: Wire) -> None:
        asked = {"model": "m", "stream_options": {"include_usage": True}}
        speech = SPEECHES[request.speech]
        if request.body.get("stream") is not True:
            await wire.whole(200, JSON, json.dumps(speech.whole(SAID, asked)).encode())
            return
        await wire.begin(200, EVENTS)
        for frame in speech.frames(SAID, asked):
            await wire.chunk(frame)
        await wire.end()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with StandIn([Deaf()]) as upstream:
        home = make_home(tmp_path, upstream.url, dialects=("anthropic", "openai_chat"))
        write(home, "haystacks/third.yaml", haystack("third", upstream.url, "openai_responses"))
        write(home, "roles/third.yaml", "name: Third\nscenarios: {default: [third, m]}\n")
        write(home, "roles/odd.yaml", 'name: "Größe 100%/x"\nscenarios: {default: [first, m]}\n')
        async with running(home) as proxy, proxy.client() as client:
            yield client


async def told(client: httpx.AsyncClient, path: str, body: Any, role: str) -> None:
    """Send a body; the answer must be sound."""
    answer = await client.post(path, content=json.dumps(body), headers={"x-rolegraph-role": role})
    assert answer.status_code in {200, 400, 404}, f"{answer.text} for {body}"
    if answer.status_code != 200:
        assert answer.json()["error"]["message"], body
        assert ("type" in answer.json()) == ("messages" in path)
    elif answer.headers["content-type"].startswith("application/json"):
        assert not answer.json().get("error"), body
    else:
        assert '"error":{' not in answer.text, body


@PATHS
async def test_the_bodies_are_right_before_anything_is_changed(
    client: httpx.AsyncClient, path: str
) -> None:
    for role in ROLES:
        answer = await client.post(path, json=BODIES[path], headers={"x-rolegraph-role": role})
        assert answer.status_code == 200, answer.text


@PATHS
async def test_a_wrong_value_in_any_single_place_is_no_fault_of_ours(
    client: httpx.AsyncClient, path: str
) -> None:
    body = BODIES[path]
    # The number of odd values is no multiple of three: each haystack meets all of them somewhere.
    roles = cycle(ROLES)
    for place in places(body):
        for value in ODD:
            await told(client, path, changed(body, place, value), next(roles))


@MANY
@given(data=st.data())
async def test_wrong_values_in_several_places_are_no_fault_of_ours(
    client: httpx.AsyncClient, data: st.DataObject
) -> None:
    for path, body in BODIES.items():
        role = data.draw(st.sampled_from(ROLES))
        await told(client, path, data.draw(odd_bodies(body)), role)


@MANY
@given(body=ANYTHING | st.binary(max_size=30))
async def test_a_body_that_is_no_request_at_all_is_told_so(
    client: httpx.AsyncClient, body: Any
) -> None:
    for path in (*BODIES, *COUNTED):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = await client.post(path, content=content)
        assert answer.status_code == 400
        assert answer.json()["error"]["message"]


@MANY
@given(data=st.data())
async def test_a_question_or_a_count_may_hold_anything(
    client: httpx.AsyncClient, data: st.DataObject
) -> None:
    for path, right in COUNTED.items():
        body = data.draw(odd_bodies(right))
        count = await client.post(path, content=json.dumps(body))
        assert count.status_code in {200, 400}, body
        told = "input_tokens" if count.status_code == 200 else "error"
        assert told in count.json(), body
    body = data.draw(odd_bodies(BODIES["/v1/messages"]))
    question = {**body, **data.draw(st.fixed_dictionaries({}, optional={"prompt": ANYTHING}))}
    answer = await client.post("/api/route", content=json.dumps(question))
    assert answer.status_code in {200, 400, 404}, question


async def test_a_body_nested_without_end_is_refused(client: httpx.AsyncClient) -> None:
    deep = b'{"a":' * 5000 + b"1" + b"}" * 5000
    shallow = b'{"a":' * 500 + b"1" + b"}" * 500
    for path in (*BODIES, *COUNTED, "/api/route"):
        assert (await client.post(path, content=deep)).status_code == 400
        said = b'"input":"x","messages":[{"role":"user","content":"x"}]'
        with_depth = b'{"max_tokens":5,"metadata":%b,' + said + b"}"
        answer = await client.post(path, content=with_depth % shallow)
        assert answer.status_code in {200, 400}, answer.text


@pytest.mark.parametrize(
    ("path", "alike", "other"),
    [
        ("/v1/messages", "coder", "cheap"),
        ("/v1/chat/completions", "cheap", "third"),
        ("/v1/responses", "third", "coder"),
    ],
)
async def test_a_body_that_nests_too_deep_to_be_written_again_passes_only_untranslated(
    client: httpx.AsyncClient, path: str, alike: str, other: str
) -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    body = {**BODIES[path], "metadata": deep}
    passed = await client.post(path, json=body, headers={"x-rolegraph-role": alike})
    refused = await client.post(path, json=body, headers={"x-rolegraph-role": other})
    assert (passed.status_code, refused.status_code) == (200, 400)
    assert "nests too deep" in refused.json()["error"]["message"]


async def test_a_role_may_be_named_in_any_writing(client: httpx.AsyncClient) -> None:
    name = "größe 100%/X"
    by_path = await client.post(
        "/role/gr%C3%B6%C3%9Fe%20100%25%2FX/v1/messages", json=user("hello")
    )
    by_header = await client.post(
        "/v1/messages", json=user("hello"), headers=[(b"x-rolegraph-role", name.encode())]
    )
    by_model = await client.post("/v1/messages", json={**user("hello"), "model": f"role:{name}"})
    assert {each.status_code for each in (by_path, by_header, by_model)} == {200}
    assert {each.headers["x-rolegraph-role"] for each in (by_path, by_header, by_model)} == {
        "Größe 100%/x"
    }


async def test_an_odd_role_is_a_role_that_is_not_there(client: httpx.AsyncClient) -> None:
    for value in (b"\xff\xfe", b"nobody", b"coder, coder", b"%63oder", b"x" * 5000):
        answer = await client.post(
            "/v1/messages", json=user("hello"), headers=[(b"x-rolegraph-role", value)]
        )
        assert answer.status_code == 404
        assert "Coder" in answer.json()["error"]["message"]
    for role in ("%FF", "%00", "nobody", "..%2f..", "%E2%82%AC"):
        answer = await client.post(f"/role/{role}/v1/messages", json=user("hello"))
        assert answer.status_code == 404, role
    blank = await client.post(
        "/v1/messages", json=user("hello"), headers=[(b"x-rolegraph-role", b"")]
    )
    assert blank.headers["x-rolegraph-role"] == "coder"


async def test_a_model_name_cannot_write_headers(client: httpx.AsyncClient) -> None:
    body = {**user("hello"), "model": "first,m\r\nset-cookie: a=b\r\n\r\nbody"}
    answer = await client.post("/v1/messages", json=body)
    assert answer.status_code in {200, 400, 404}
    assert "set-cookie" not in answer.headers
    assert answer.json()


async def test_a_compressed_body_is_refused_by_name(client: httpx.AsyncClient) -> None:
    for path in (*BODIES, *COUNTED):
        answer = await client.post(path, content=b"\x1f\x8b", headers={"content-encoding": "gzip"})
        assert answer.status_code == 400
        assert "compressed" in answer.json()["error"]["message"]


async def test_a_body_that_nests_too_deep_is_refused_where_it_must_change_between_equals(
    client: httpx.AsyncClient,
) -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    tag = "<CCR-SUBAGENT-MODEL>first,plain-model</CCR-SUBAGENT-MODEL>"
    body = {**BODIES["/v1/messages"], "metadata": deep, "system": tag}
    answer = await client.post("/v1/messages", json=body, headers={"x-rolegraph-role": "coder"})
    assert answer.status_code == 400, answer.text
    assert "nests too deep" in answer.json()["error"]["message"]
