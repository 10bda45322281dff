"""One candidate fails: the client gets the next one's answer, or is told the truth."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.asking import PATHS, asking
from tests.running import SERVICES, make_home, running, user
from tests.standin import (
    Answer,
    Behaviour,
    CloseBeforeFirstEvent,
    DieMidStream,
    ErrorFirst,
    Html,
    Raw,
    Reset,
    Silent,
    Slow,
    StandIn,
    Status,
    refused_url,
)

DIALECTS = pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])
EVERY_DIALECT = pytest.mark.parametrize("dialect", SERVICES)
STREAM = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])

FAILURES = {
    "500": Status(500),
    "503": Status(503),
    "529": Status(529),
    "429": Status(429, headers={"retry-after": "30"}),
    "our key is refused": Status(401),
    "the model is gone": Status(404),
    "a web page": Html(),
    "reset": Reset(),
    "no HTTP": Raw(b"\x16\x03\x01 what is this\r\n\r\n"),
}


@STREAM
@DIALECTS
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_when_the_first_fails_the_second_answers(
    tmp_path: Path, failure: Behaviour, dialect: str, *, stream: bool
) -> None:
    async with StandIn([failure]) as broken, StandIn([Answer(text="from the second")]) as well:
        home = make_home(tmp_path, broken.url, well.url, dialects=(dialect, dialect))
        async with running(home) as proxy, proxy.client() as client:
            answer = await client.post("/v1/messages", json=user("hello", stream=stream))
    assert answer.status_code == 200
    assert answer.headers["x-rolegraph-haystack"] == "second"
    assert answer.headers["x-rolegraph-attempts"] == "2"
    assert "second" in answer.text
    assert len(broken.requests) == 1


ERROR = {"type": "overloaded_error", "message": "Overloaded"}
BAD_BODIES: dict[str, dict[str, object] | bytes] = {
    "an error": {"type": "error", "error": ERROR},
    "cut JSON": b'{"id": "1", "object": "chat.completion", "content": [{"ty',
    "no object": b"[]",
    "an empty object": b"{}",
    "nothing": b"",
}


@EVERY_DIALECT
@pytest.mark.parametrize("client_dialect", PATHS)
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
async def test_a_good_status_with_a_bad_body_is_passed_over(
    tmp_path: Path, body: dict[str, object] | bytes, client_dialect: str, dialect: str
) -> None:
    async with StandIn([Status(200, body)]) as broken, StandIn([Answer()]) as well:
        home = make_home(tmp_path, broken.url, well.url, dialects=(dialect, dialect))
        async with running(home) as proxy, proxy.client() as client:
            answer = await client.post(PATHS[client_dialect], json=asking(client_dialect))
    assert (answer.status_code, answer.headers["x-rolegraph-haystack"]) == (200, "second")
    assert answer.headers["x-rolegraph-attempts"] == "2"


@STREAM
async def test_a_refused_connection_is_passed_over(tmp_path: Path, *, stream: bool) -> None:
    async with StandIn([Answer()]) as well:
        home = make_home(tmp_path, refused_url(), well.url)
        async with running(home) as proxy, proxy.client() as client:
            answer = await client.post("/v1/messages", json=user("hello", stream=stream))
    assert (answer.status_code, answer.headers["x-rolegraph-haystack"]) == (200, "second")


@EVERY_DIALECT
@pytest.mark.parametrize(
    "failure",
    [CloseBeforeFirstEvent(), ErrorFirst("overloaded_error"), ErrorFirst("rate_limit_error")],
    ids=["closed", "overloaded", "rate limited"],
)
async def test_a_stream_that_fails_before_its_first_event_is_passed_over(
    tmp_path: Path, failure: Behaviour, dialect: str
) -> None:
    async with StandIn([failure]) as broken, StandIn([Answer(text="whole")]) as well:
        home = make_home(tmp_path, broken.url, well.url, dialects=(dialect, dialect))
        async with running(home) as proxy, proxy.client() as client:
            answer = await client.post("/v1/messages", json=user("hello", stream=True))
    assert answer.headers["x-rolegraph-haystack"] == "second"
    assert "error" not in answer.text


async def test_silence_before_the_first_byte_is_passed_over(tmp_path: Path) -> None:
    async with StandIn([Silent()]) as silent, StandIn([Answer()]) as well:
        home = make_home(tmp_path, silent.url, well.url, more="timeouts: {first_byte: 0.2}\n")
        async with running(home) as proxy, proxy.client() as client:
            answer = await client.post("/v1/messages", json=user("hello", stream=True))
        assert answer.headers["x-rolegraph-haystack"] == "second"
        await silent.until(lambda: silent.open_calls == 0)


@pytest.mark.parametrize("client_dialect", PATHS)
@EVERY_DIALECT
@pytest.mark.parametrize("mid_event", [False, True])
async def test_a_stream_that_dies_later_ends_in_an_error_and_never_in_a_fake_end(
    tmp_path: Path, dialect: str, client_dialect: str, *, mid_event: bool
) -> None:
    dying = DieMidStream(after=6, mid_event=mid_event)
    async with StandIn([dying]) as broken, StandIn([Answer()]) as well:
        home = make_home(tmp_path, broken.url, well.url, dialects=(dialect, dialect))
        async with running(home) as proxy, proxy.client() as client:
            body = asking(client_dialect, stream=True)
            answer = await client.post(PATHS[client_dialect], json=body)
    events = [event for event in answer.text.split("\n\n") if event]
    assert answer.headers["x-rolegraph-haystack"] == "first"
    assert '"error":{' in events[-1]
    for end in ("message_stop", "end_turn", "[DONE]", "response.completed", "response.incomplete"):
        assert end not in answer.text
    assert all(event.rstrip().endswith("}") for event in events), "an event was cut"
    assert well.requests == []


async def test_when_all_fail_the_client_hears_each_reason_once_and_is_told_not_to_retry(
    tmp_path: Path,
) -> None:
    async with StandIn([Status(500, "disk on fire")]) as one, StandIn([Status(529)]) as two:
        async with (
            running(make_home(tmp_path, one.url, two.url)) as proxy,
            proxy.client() as client,
        ):
            answer = await client.post("/v1/messages", json=user("hello"))
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (503, "api_error")
    assert "first,plain-model: disk on fire" in error["message"]
    assert "second,plain-model" in error["message"]
    assert answer.headers["x-should-retry"] == "false"
    assert (len(one.requests), len(two.requests)) == (1, 1)


@pytest.mark.parametrize("client_dialect", ["openai_chat", "openai_responses"])
async def test_when_all_are_rate_limited_the_soonest_is_passed_on(
    tmp_path: Path, client_dialect: str
) -> None:
    late, soon = (Status(429, headers={"retry-after": wait}) for wait in ("90", "20"))
    async with StandIn([late]) as one, StandIn([soon]) as two:
        async with (
            running(make_home(tmp_path, one.url, two.url)) as proxy,
            proxy.client() as client,
        ):
            answer = await client.post(PATHS[client_dialect], json=asking(client_dialect))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "20")
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"


async def test_a_key_of_ours_that_is_refused_is_never_shown_as_the_clients_401(
    tmp_path: Path,
) -> None:
    async with StandIn([Status(401, "invalid x-api-key")]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with (
            running(home) as proxy,
            proxy.client(**{"x-rolegraph-role": "cheap"}) as client,
        ):
            answer = await client.post("/v1/messages", json=user("hello"))
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (502, "api_error")
    assert error["message"] == "the key of second is refused: invalid x-api-key"
    assert answer.headers["x-should-retry"] == "false"


async def test_a_kept_connection_that_the_upstream_has_closed_costs_no_candidate(
    tmp_path: Path,
) -> None:
    async with StandIn([Answer(), Reset(), Answer()]) as first, StandIn([Answer()]) as second:
        async with (
            running(make_home(tmp_path, first.url, second.url)) as proxy,
            proxy.client() as client,
        ):
            await client.post("/v1/messages", json=user("hello"))
            answer = await client.post("/v1/messages", json=user("hello"))
    assert answer.headers["x-rolegraph-haystack"] == "first"
    assert second.requests == []


async def test_a_hundred_failovers_leave_no_call_open(tmp_path: Path) -> None:
    async with StandIn([Status(500)]) as broken, StandIn([Answer()]) as well:
        async with (
            running(make_home(tmp_path, broken.url, well.url)) as proxy,
            proxy.client() as client,
        ):
            answers = await asyncio.gather(
                *(client.post("/v1/messages", json=user("hello")) for _ in range(100))
            )
    assert {answer.status_code for answer in answers} == {200}
    assert len(well.requests) == 100


async def test_a_stream_that_never_ends_is_ended(tmp_path: Path) -> None:
    endless = Slow(per_event=0.02, answer=Answer(text="on and on " * 500))
    async with StandIn([endless]) as upstream:
        home = make_home(tmp_path, upstream.url, more="timeouts: {total: 0.3}\n")
        async with running(home) as proxy, proxy.client() as client:
            answer = await client.post("/v1/messages", json=user("hello", stream=True))
        await upstream.until(lambda: upstream.open_calls == 0)
    assert answer.text.count("content_block_delta") > 3
    assert "longer than its haystack allows" in answer.text.split("\n\n")[-2]
