"""What is told of sessions, and told to them: listed, shown, forgotten, judged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from server.keys import create_key
from tests.asking import PATHS, asking
from tests.running import ROLE, Running, make_home, running, user, write
from tests.standin import Answer, Behaviour, DieMidStream, Seen, StandIn, Status
from tests.talk import AGAIN, Clock, Talk, looking, went

SESSION = {"x-session-id": "s1"}
DEEP = "first,deep-model"


@asynccontextmanager
async def served(home: Path, **settings: Any) -> AsyncIterator[Running]:
    async with StandIn(looking) as upstream:
        make_home(home, upstream.url)
        async with running(home, **settings) as server:
            yield server


@asynccontextmanager
async def talking(home: Path, clock: Clock | None = None) -> AsyncIterator[Talk]:
    async with served(home, clock=clock or Clock()) as server, server.client() as client:
        yield Talk(client, dict(SESSION))


async def judge(talk: Talk, decision: str, score: float, **more: object) -> Any:
    body = {"decision_id": decision, "score": score, **more}
    return await talk.client.post("/api/feedback", json=body)


# -- Shown and forgotten


async def test_the_last_used_is_listed_first(tmp_path: Path) -> None:
    clock = Clock()
    async with talking(tmp_path, clock) as talk:
        for name in ("s1", "s2", "s1", "s3"):
            await Talk(talk.client, {"x-session-id": name}).says("plan mode, please")
            clock.now += 1
        told = (await talk.client.get("/api/sessions")).json()
        two = (await talk.client.get("/api/sessions?limit=2")).json()
    assert [each["id"] for each in told["sessions"]] == ["s3", "s1", "s2"]
    assert [each["id"] for each in two["sessions"]] == ["s3", "s1"]
    assert (told["total"], two["total"]) == (3, 3)
    assert told["sessions"][1] | {"key": ""} == {
        "key": "",
        "id": "s1",
        "role": "coder",
        "started": 1_800_000_000.0,
        "used": 1_800_000_002.0,
        "turns": 2,
        "switches": 0,
    }


@pytest.mark.parametrize("limit", ["0", "1001", "many"])
async def test_a_limit_out_of_bounds_is_a_problem(tmp_path: Path, limit: str) -> None:
    async with talking(tmp_path) as talk:
        answer = await talk.client.get("/api/sessions", params={"limit": limit})
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_it_is_found_by_its_id_and_by_its_key(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.says(f"plan mode: {AGAIN}")
        await talk.result("done")
        (listed,) = (await talk.client.get("/api/sessions")).json()["sessions"]
        by_id = (await talk.client.get("/api/sessions/s1")).json()
        by_key = (await talk.client.get(f"/api/sessions/{listed['key']}")).json()
    assert by_id == by_key
    (lane,) = by_id["conversations"]
    assert lane["candidate"] == {"haystack": "first", "model": "deep-model"}
    assert (lane["concept"], lane["answers"]) == ("think_routing", 2)
    assert [each["concept"] for each in by_id["concepts"]] == ["think_routing"]
    assert len(by_id["decisions"]) == 2


async def test_what_is_forgotten_begins_anew(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.says("hello", x_rolegraph_pin="second,quick-model")
        assert (await talk.client.delete("/api/sessions/s1")).status_code == 204
        assert (await talk.client.get("/api/sessions")).json() == {"sessions": [], "total": 0}
        assert await talk.says("plan mode, please") == DEEP


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_unknown_session_is_a_404(tmp_path: Path, method: str) -> None:
    async with talking(tmp_path) as talk:
        answer = await talk.client.request(method, "/api/sessions/nobody")
    assert answer.status_code == 404
    assert answer.json()["detail"] == 'no session "nobody" is remembered'


# -- Keys


async def test_two_keys_never_share_a_session_nor_do_a_key_and_none(tmp_path: Path) -> None:
    make_home(tmp_path, "http://127.0.0.1:1")
    keys = [create_key(tmp_path, name) for name in ("laptop", "server")]
    async with served(tmp_path, require_keys="never") as server, server.client() as client:
        talks = [Talk(client, {**SESSION, "x-api-key": key}) for key in keys]
        talks.append(Talk(client, dict(SESSION)))
        for talk, words in zip(talks, ("plan mode", "a quick answer", "hello"), strict=True):
            await talk.says(f"{words}: {AGAIN}")
        went_to = [await talk.result() for talk in talks]
        listed = (await client.get("/api/sessions")).json()
    assert went_to == [DEEP, "second,quick-model", "first,plain-model"]
    assert [each["id"] for each in listed["sessions"]] == ["s1"] * 3
    assert len({each["key"] for each in listed["sessions"]}) == 3


async def test_where_keys_are_required_sessions_are_told_to_nobody_else(tmp_path: Path) -> None:
    make_home(tmp_path, "http://127.0.0.1:1")
    key = create_key(tmp_path, "laptop")
    body = {"decision_id": "d", "score": 1}
    async with served(tmp_path, require_keys="always") as server, server.client() as client:
        for method, path in (
            ("GET", "/api/sessions"),
            ("GET", "/api/sessions/s1"),
            ("DELETE", "/api/sessions/s1"),
            ("POST", "/api/feedback"),
        ):
            answer = await client.request(method, path, json=body if method == "POST" else None)
            assert answer.status_code == 401, path
        shown = await client.get("/api/sessions", headers={"x-api-key": key})
    assert shown.status_code == 200


# -- Judged


async def test_a_session_avoids_the_model_that_was_judged_badly(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        assert await talk.says("hello") == "first,plain-model"
        (decision,) = (await talk.client.get("/api/sessions/s1")).json()["decisions"]
        talk.more["model"] = "second,plain-model"
        for _ in range(3):
            await talk.says("hello")
        talk.more["model"] = "auto"
        assert await talk.says("hello there") == "first,plain-model"
        answer = await judge(talk, decision["decision_id"], -1.0, comment="off the point")
        assert answer.status_code == 200
        assert answer.json() | {"score": 0} == {
            "session": "s1",
            "haystack": "first",
            "model": "plain-model",
            "score": 0,
        }
        assert await talk.says("and now?") == "second,plain-model"
        other = Talk(talk.client, {"x-session-id": "s2"})
        assert await other.says("hello") == "first,plain-model"


async def test_the_id_to_judge_by_is_the_one_that_the_answer_carried(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        for body in (user("hello"), user("hello", stream=True)):
            answer = await talk.client.post("/v1/messages", json=body)
            for header in ("request-id", "x-request-id"):
                assert (await judge(talk, answer.headers[header], 0.5)).status_code == 200


async def test_the_comment_goes_to_the_log_without_its_secrets(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.says("hello")
        (told,) = (await talk.client.get("/api/sessions/s1")).json()["decisions"]
        with capture_logs() as logs:
            await judge(talk, told["decision_id"], 1, comment="sk-ant-api03-abcdefghijklmnop")
    (line,) = [each for each in logs if each["event"] == "feedback"]
    assert line["score"] == 1
    assert "abcdefghijklmnop" not in str(line)


async def test_an_unknown_decision_is_a_404(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.says("hello")
        answer = await judge(talk, "req_0", 1.0)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert '"req_0"' in answer.json()["detail"]


async def test_the_decision_of_a_forgotten_session_is_a_404(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.says("hello")
        (told,) = (await talk.client.get("/api/sessions/s1")).json()["decisions"]
        await talk.client.delete("/api/sessions/s1")
        assert (await judge(talk, told["decision_id"], 1.0)).status_code == 404


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{", "JSON"),
        (b"[]", "body"),
        (b"{}", "decision_id"),
        (b'{"decision_id": "a"}', "score"),
        (b'{"decision_id": "a", "score": 2}', "score"),
        (b'{"decision_id": "a", "score": "good"}', "score"),
        (b'{"decision_id": 1, "score": 0}', "decision_id"),
        (b'{"decision_id": "a", "score": 0, "stars": 5}', "stars"),
    ],
)
async def test_a_body_that_is_wrong_is_a_problem_that_names_it(
    tmp_path: Path, body: bytes, named: str
) -> None:
    async with talking(tmp_path) as talk:
        answer = await talk.client.post("/api/feedback", content=body)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 400
    assert named in answer.json()["detail"]


async def test_a_body_larger_than_any_feedback_is_refused(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        answer = await talk.client.post("/api/feedback", json={f"k{n}": 0 for n in range(100_000)})
        odd = await talk.client.post("/api/feedback", json={f"k{n}": 0 for n in range(1000)})
    assert answer.status_code == 413
    assert odd.json()["detail"] == "the body is wrong in 1,002 places"


# -- Learned


async def test_what_a_session_met_once_too_often_is_what_it_is_about(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        for _ in range(3):
            assert await talk.says("plan mode, please") == DEEP
        answer = await talk.says("and what about the tests?")
        shown = (await talk.client.get("/api/sessions/s1")).json()
    assert answer == DEEP
    assert shown["concepts"][0]["weight"] == 3


async def test_broken_streams_teach_a_session_to_leave_a_model(tmp_path: Path) -> None:
    breaking = False

    def script(seen: Seen) -> Behaviour:
        return DieMidStream() if breaking and seen.model == "plain-model" else looking(seen)

    async with StandIn(script) as upstream, StandIn() as other:
        make_home(tmp_path, upstream.url, other.url)
        async with running(tmp_path) as server, server.client() as client:
            talk = Talk(client, dict(SESSION))
            talk.more["model"] = "second,plain-model"
            for _ in range(3):
                await talk.says("hello")
            talk.more["model"] = "auto"
            assert await talk.says("hello") == "first,plain-model"
            breaking = True
            for number in range(2):
                body = user(f"hello {number}", stream=True)
                broken = await client.post("/v1/messages", json=body, headers=SESSION)
                assert "event: error" in broken.text
            breaking = False
            assert await talk.says("hello once more") == "second,plain-model"


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat", "openai_responses"])
@pytest.mark.parametrize("client", PATHS)
async def test_a_model_that_declines_has_not_answered_well(
    tmp_path: Path, client: str, dialect: str
) -> None:
    declined = Answer(text="I can't help with that.", stop="refusal")
    async with StandIn([declined]) as upstream:
        make_home(tmp_path, upstream.url, dialects=(dialect, dialect))
        async with running(tmp_path) as server, server.client(**SESSION) as asks:
            for stream in (False, True):
                answer = await asks.post(PATHS[client], json=asking(client, stream=stream))
                assert went(answer) == "first,plain-model"
            (model,) = (await asks.get("/api/sessions/s1")).json()["models"]
    assert (model["score"], model["evidence"]) == (0.0, 2.0)


async def test_an_upstream_that_fails_is_remembered_beside_the_one_that_answered(
    tmp_path: Path,
) -> None:
    async with StandIn([Status(500)]) as upstream, StandIn() as other:
        write(make_home(tmp_path, upstream.url, other.url), "roles/coder.yaml", ROLE)
        async with running(tmp_path) as server, server.client() as client:
            assert await Talk(client, dict(SESSION)).says("hello") == "second,plain-model"
            shown = (await client.get("/api/sessions/s1")).json()
    scores = {each["candidate"]["haystack"]: each["score"] for each in shown["models"]}
    assert scores == {"first": 0.0, "second": 1.0}
