"""The log says where requests went, and not what they said."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

import server.moment
from server.log import configure_log
from server.settings import Settings
from tests.running import make_home, running, user
from tests.standin import Answer, StandIn, Status

PROMPT = "the quick brown fox keeps a diary"
SECRET = "sk-ant-api03-" + "s3cret" * 8


class Log:
    """What was logged, on a stream that takes the place of standard error."""

    def __init__(self, settings: Settings) -> None:
        self.stream = TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True)
        sys.stderr = self.stream
        configure_log(settings)
        # A logger that keeps its first form would log the next test's requests here.
        structlog.configure(cache_logger_on_first_use=False)

    @property
    def text(self) -> str:
        structlog.get_config()["logger_factory"]().flush()  # or it is written a moment later
        self.stream.buffer.seek(0)
        return self.stream.buffer.read().decode()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.text.splitlines()]


@pytest.fixture(params=["json", "text"])
def form(request: pytest.FixtureRequest) -> Iterator[str]:
    root = logging.getLogger()
    before = sys.stderr, structlog.get_config(), root.handlers[:], root.level
    yield request.param
    sys.stderr, config, root.handlers, root.level = before
    structlog.configure(**config)


def log_of(form: str, **more: object) -> tuple[Log, dict[str, Any]]:
    chosen: dict[str, Any] = {"log_format": form, **more}
    return Log(Settings.model_validate(chosen)), chosen


async def test_a_request_is_one_line_without_its_words_or_keys(tmp_path: Path, form: str) -> None:
    log, chosen = log_of(form)
    async with StandIn([Answer(text="and so it answers")]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, **chosen) as proxy, proxy.client() as client:
            answer = await client.post(
                "/v1/messages", json=user(PROMPT), headers={"x-api-key": SECRET}
            )
    for hidden in ("fox", "so it answers", "s3cret", "upstream-key"):
        assert hidden not in log.text
    (line,) = [line for line in log.text.splitlines() if answer.headers["request-id"] in line]
    for told in ("first", "plain-model", "coder", "scenario", "200", "anthropic"):
        assert told in line


async def test_the_reasons_of_failures_are_logged_without_the_keys_in_them(
    tmp_path: Path, form: str
) -> None:
    log, chosen = log_of(form)
    async with StandIn([Status(500, f"bad key {SECRET}"), Status(429, "slow down")]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, **chosen) as proxy, proxy.client() as client:
            await client.post("/v1/messages", json=user(PROMPT))
    assert "first,plain-model" in log.text
    assert "slow down" in log.text
    assert "s3cret" not in log.text


async def test_asked_for_it_logs_the_words_and_still_no_secret(tmp_path: Path, form: str) -> None:
    log, chosen = log_of(form, verbose_requests=True)
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home, **chosen) as proxy, proxy.client() as client:
            await client.post(
                "/v1/messages",
                json=user(f"{PROMPT}: password={SECRET}, token {SECRET}"),
                headers={"authorization": f"Bearer {SECRET}", "cookie": "a=s3cret"},
            )
    assert "fox" in log.text
    assert "s3cret" not in log.text


async def test_a_fault_of_ours_leaves_its_trace_and_no_local_variable(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_named: object) -> None:
        raise ZeroDivisionError

    log, chosen = log_of(form)
    monkeypatch.setattr(server.moment, "route", broken)
    home = make_home(tmp_path, "http://127.0.0.1:9")
    async with running(home, **chosen) as proxy, proxy.client() as client:
        answer = await client.post("/v1/messages", json=user(PROMPT), headers={"x-api-key": SECRET})
    assert (answer.status_code, answer.json()["error"]["message"]) == (500, "internal error")
    assert answer.headers["request-id"] in log.text
    assert "ZeroDivisionError" in log.text
    assert "moment.py" in log.text
    for hidden in ("fox", "s3cret"):
        assert hidden not in log.text


@pytest.mark.parametrize("form", ["json"], indirect=True)
async def test_json_logs_are_one_object_a_line_with_level_and_time(
    tmp_path: Path, form: str
) -> None:
    log, chosen = log_of(form)
    home = make_home(tmp_path, "http://127.0.0.1:9")
    async with running(home, **chosen) as proxy, proxy.client() as client:
        await client.post("/v1/messages", content=b"{")
        await client.post("/api/reload")
    assert {event["event"] for event in log.events} == {"request", "reloaded"}
    assert all(event["level"] == "info" for event in log.events)
    assert all(event["timestamp"].endswith("Z") for event in log.events)


@pytest.mark.parametrize("form", ["json"], indirect=True)
async def test_what_is_below_the_level_is_not_logged(tmp_path: Path, form: str) -> None:
    log, chosen = log_of(form, log_level="warning")
    home = make_home(tmp_path, "http://127.0.0.1:9")
    async with running(home, **chosen) as proxy, proxy.client() as client:
        await client.post("/v1/messages", content=b"{")
        await client.post("/v1/messages", json=user("x"))
    assert [(event["level"], event["outcome"]) for event in log.events] == [("warning", "failed")]
