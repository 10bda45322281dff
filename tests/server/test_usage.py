"""What requests leave behind, over real sockets: sums, single decisions, and files of both."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from server.keys import create_key
from tests.running import haystack, make_home, running, user, write
from tests.standin import Answer, StandIn, Status
from tests.talk import Clock

PRICE = """
    models:
      - {id: plain-model, price: {input: 3.0, output: 15.0, cache_read: 0.3}}
      - {id: deep-model, price: {input: 10.0, output: 30.0}}
"""
DAY = 86_400


@dataclass(frozen=True, slots=True)
class World:
    client: httpx.AsyncClient
    home: Path
    clock: Clock = field(default_factory=Clock)

    async def says(self, text: str, **more: Any) -> httpx.Response:
        return await self.client.post("/v1/messages", json=user(text, **more))

    async def told(self, path: str, **asked: str | int | list[str]) -> Any:
        answer = await self.client.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def world(home: Path, answers: list[Any], **settings: Any) -> AsyncIterator[World]:
    clock = Clock()
    async with StandIn(answers) as upstream:
        make_home(home, upstream.url)
        write(home, "haystacks/first.yaml", haystack("first", upstream.url, more=PRICE))
        async with running(home, clock=clock, **settings) as proxy, proxy.client() as client:
            yield World(client, home, clock)


async def test_sums_are_exact_and_grouped_by_what_is_asked(tmp_path: Path) -> None:
    answers = [Answer(input_tokens=100, output_tokens=7), Answer(input_tokens=1, output_tokens=1)]
    async with world(tmp_path, [*answers, Status(400)]) as here:
        await here.says("plan mode")
        here.clock.now += DAY
        await here.says("good morning")
        await here.says("good evening")
        by_model = await here.told("/api/usage", group="model")
        by_both = await here.told("/api/usage", group=["day", "concept,role"])
        one_day = await here.told("/api/usage", **{"from": "1h"})
    assert {row["model"]: (row["requests"], row["usd"]) for row in by_model["rows"]} == {
        "deep-model": (1, "0.00121"),
        "plain-model": (1, "0.000018"),
        "": (1, "0.00"),
    }
    total = by_model["total"]
    assert (total["requests"], total["failed"], total["usd"]) == (3, 1, "0.001228")
    assert (total["input"], total["output"]) == (101, 8)
    assert [(row["day"], row["concept"], row["role"]) for row in by_both["rows"]] == [
        ("2027-01-15", "think_routing", "coder"),
        ("2027-01-16", "", "coder"),
    ]
    assert [row["requests"] for row in one_day["rows"]] == [2]


async def test_a_decision_is_found_by_its_id_as_soon_as_it_is_answered(tmp_path: Path) -> None:
    answer = Answer(text="done", input_tokens=10, cached_tokens=90, output_tokens=4)
    async with world(tmp_path, [answer]) as here:
        answered = await here.says("plan mode", stream=True)
        found = await here.told(f"/api/decisions/{answered.headers['request-id']}")
        unknown = await here.client.get("/api/decisions/req_0")
    assert {name: found[name] for name in ("role", "phase", "concept", "haystack", "model")} == {
        "role": "coder",
        "phase": "pattern",
        "concept": "think_routing",
        "haystack": "first",
        "model": "deep-model",
    }
    assert (found["input"], found["cache_read"], found["output"]) == (10, 90, 4)
    assert (found["at"], found["attempts"], found["status"]) == ("2027-01-15T08:00:00Z", 1, 200)
    assert 0 < found["first_ms"] <= found["total_ms"]
    assert found["decision"]["matched"][0]["synonym"] == "plan mode"
    assert [step["phase"] for step in found["decision"]["trace"]][:2] == ["explicit", "pattern"]
    assert "content" not in found
    assert unknown.status_code == 404


async def test_decisions_are_paged_from_the_newest_and_filtered(tmp_path: Path) -> None:
    async with world(tmp_path, [Answer()] * 5) as here:
        sent = [await here.says(f"number {n}") for n in range(5)]
        ids = [each.headers["request-id"] for each in sent]
        seen, before = [], ""
        while True:
            page = await here.told("/api/decisions", limit=2, before=before)
            seen.append([each["id"] for each in page["decisions"]])
            before = page["next"]
            if not before:
                break
        refused = await here.told("/api/decisions", outcome="refused")
        ours = await here.told("/api/decisions", role="coder", outcome="ok")
    newest = ids[::-1]
    assert seen == [newest[:2], newest[2:4], newest[4:]]
    assert refused == {"decisions": [], "next": None}
    assert len(ours["decisions"]) == 5


async def test_what_failed_on_the_way_is_told_and_what_it_was_called_with_is_not(
    tmp_path: Path,
) -> None:
    answers = [Status(500, "key sk-abcdefghijklmnop1234 is broken"), Answer()]
    async with world(tmp_path, answers) as here:
        answered = await here.says("plan mode: my secret plan")
        found = await here.told(f"/api/decisions/{answered.headers['request-id']}")
    assert found["attempts"] == 2
    assert found["decision"]["failed"][0].startswith("first,deep-model")
    text = orjson.dumps(found).decode()
    assert "sk-abc" not in text
    assert "my secret plan" not in text


@pytest.mark.parametrize("more", [{}, {"stream": True}], ids=["whole", "streamed"])
async def test_only_who_asks_for_it_gets_what_was_said_and_secrets_are_taken_out(
    tmp_path: Path, more: dict[str, bool]
) -> None:
    answer = Answer(text="use sk-abcdefghijklmnop1234 then")
    async with world(tmp_path, [answer], record_content=True) as here:
        answered = await here.says("password: hunter22222 is it", **more)
        found = await here.told(f"/api/decisions/{answered.headers['request-id']}")
    content = found["content"]
    assert "is it" in content["request"]
    assert "hunter2" not in content["request"]
    assert "use [redacted] then" in content["answer"]


async def test_csv_and_jsonl_hold_what_the_json_holds(tmp_path: Path) -> None:
    async with world(tmp_path, [Answer(), Answer()]) as here:
        await here.says("plan mode")
        await here.says("good morning", metadata={"user_id": "=cmd()"})
        usage = await here.told("/api/usage", group="model")
        table = await here.client.get("/api/usage", params={"group": "model", "format": "csv"})
        lines = await here.client.get("/api/decisions", params={"format": "jsonl"})
        decisions = await here.told("/api/decisions")
    assert table.headers["content-type"].startswith("text/csv")
    told = list(csv.DictReader(io.StringIO(table.text)))
    assert told == [{name: str(value) for name, value in row.items()} for row in usage["rows"]]
    assert [orjson.loads(line) for line in lines.text.splitlines()] == decisions["decisions"]


async def test_a_table_without_rows_has_its_heading(tmp_path: Path) -> None:
    async with world(tmp_path, []) as here:
        for path in ("/api/usage", "/api/decisions"):
            empty = await here.client.get(path, params={"format": "csv", "group": "model"})
            [heading] = csv.reader(io.StringIO(empty.text))
            assert {"usd", "input", "model"} <= set(heading), path


async def test_a_zone_in_a_url_needs_no_encoding(tmp_path: Path) -> None:
    async with world(tmp_path, []) as here:
        told = (await here.client.get("/api/usage?from=2026-01-31T12:00+02:00")).json()
    assert told["from"] == "2026-01-31T10:00:00Z"


async def test_a_key_sees_what_it_used_and_nothing_of_others(tmp_path: Path) -> None:
    keys = {name: create_key(tmp_path, name) for name in ("ann", "bob")}
    ids: dict[str, str] = {}
    async with world(tmp_path, [Answer(), Answer()], require_keys="always") as here:
        for name, key in keys.items():
            here.client.headers["x-api-key"] = key
            ids[name] = (await here.says("hello")).headers["request-id"]
        usage = await here.told("/api/usage", group="key")
        decisions = await here.told("/api/decisions", key="ann")
        other = await here.client.get(f"/api/decisions/{ids['ann']}")
        del here.client.headers["x-api-key"]
        nobody = await here.client.get("/api/usage")
    assert [row["key"] for row in usage["rows"]] == ["bob"]
    assert [each["id"] for each in decisions["decisions"]] == [ids["bob"]]
    assert (other.status_code, nobody.status_code) == (404, 401)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"group": "colour"}, "colour"),
        ({"group": "role,role"}, "each once"),
        ({"from": "yesterday"}, "yesterday"),
        ({"from": "9999-12-31T23:59:59-23:59"}, "no date"),
        ({"to": "0001-01-01T00:00:00+14:00"}, "no date"),
        ({"from": "1h", "to": "2h"}, "nothing lies between"),
        ({"from": "2999-01-01"}, "nothing lies between"),
        ({"format": "xml"}, "format"),
    ],
)
async def test_a_question_that_means_nothing_is_a_400(
    tmp_path: Path, asked: dict[str, str], says: str
) -> None:
    async with world(tmp_path, []) as here:
        answer = await here.client.get("/api/usage", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert says in answer.text


async def test_counting_tokens_and_strangers_leave_no_row(tmp_path: Path) -> None:
    create_key(tmp_path, "ann")
    async with world(tmp_path, []) as here:
        await here.client.post("/v1/messages/count_tokens", json=user("hello"))
        page = await here.told("/api/decisions")
    assert page["decisions"] == []
