"""Anthropic's prompt tools, by whichever model the role has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from server.prompt_tools.task import instructions
from server.prompt_tools.tools import TOOLS
from tests.platform_home import KEYS, Says, make_platform, passing
from tests.running import make_home, running
from tests.standin import Answer, Behaviour, StandIn, Status, ToolCall

GENERATE, IMPROVE, TEMPLATIZE = (f"/v1/experimental/{name}" for name in TOOLS)
VERSION = {"anthropic-version": "2023-06-01", "anthropic-beta": "prompt-tools-2025-04-02"}
CHEF = {"task": "a chef for a meal prep planning service", "target_model": "claude-x"}


def writes(**given: Any) -> Answer:
    return Answer(text="", calls=(ToolCall("write_prompt", given),))


def names(**values: str) -> Answer:
    variables = [{"name": name, "value": value} for name, value in values.items()]
    return Answer(text="", calls=(ToolCall("name_variables", {"variables": variables}),))


@asynccontextmanager
async def tools(
    folder: Path, *script: Behaviour, dialect: str = "anthropic"
) -> AsyncIterator[tuple[StandIn, httpx.AsyncClient]]:
    async with StandIn(script) as upstream:
        home = make_home(folder, upstream.url, dialects=(dialect, dialect))
        async with running(home) as proxy, proxy.client(**VERSION) as client:
            yield upstream, client


def text(message: dict[str, Any]) -> str:
    return "".join(block["text"] for block in message["content"])


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])
async def test_a_prompt_is_written_in_anthropics_shape(tmp_path: Path, dialect: str) -> None:
    answer = writes(prompt="Plan meals for {{DIET}}", system="You cook.")
    async with tools(tmp_path, answer, dialect=dialect) as (upstream, client):
        told = await client.post(GENERATE, json=CHEF)
    assert told.status_code == 200
    given = told.json()
    assert given["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Plan meals for {{DIET}}"}]}
    ]
    assert given["system"] == "You cook."
    assert set(given["usage"][0]) == {"input_tokens", "output_tokens"}
    assert told.headers["x-rolegraph-haystack"] == "first"
    [seen] = upstream.requests
    assert CHEF["task"] in seen.raw.decode()
    assert orjson.dumps(instructions("generate"))[1:-1] in seen.raw
    assert "prompt-tools" not in seen.headers.get("anthropic-beta", "")


async def test_a_prompt_is_improved_and_keeps_its_variables_and_its_opening(tmp_path: Path) -> None:
    asked = {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Recipe for {{food}}"}]},
            {"role": "assistant", "content": "<recipe>"},
        ],
        "system": "You are a chef",
        "feedback": "Name cooking times",
    }
    async with tools(
        tmp_path, writes(prompt="A recipe"), writes(prompt="A recipe for {{food}}, with times")
    ) as (upstream, client):
        given = (await client.post(IMPROVE, json=asked)).json()
    assert [(each["role"], text(each)) for each in given["messages"]] == [
        ("user", "A recipe for {{food}}, with times"),
        ("assistant", "<recipe>"),
    ]
    assert len(given["usage"]) == len(upstream.requests) == 2
    for part in ("Recipe for {{food}}", "You are a chef", "Name cooking times", "<recipe>"):
        assert part in upstream.requests[0].raw.decode()
    assert "it has lost {{food}}" in upstream.requests[1].raw.decode()


async def test_values_become_variables_and_nothing_else_changes(tmp_path: Path) -> None:
    asked = {
        "messages": [{"role": "user", "content": "Translate  hello to German!"}],
        "system": "You translate English to German",
    }
    named = names(target_language="German", WORD="hello", gone="Dutch")
    async with tools(tmp_path, named) as (_, client):
        given = (await client.post(TEMPLATIZE, json=asked)).json()
    assert text(given["messages"][0]) == "Translate  {{WORD}} to {{TARGET_LANGUAGE}}!"
    assert given["system"] == "You translate English to {{TARGET_LANGUAGE}}"
    assert given["variable_values"] == {"TARGET_LANGUAGE": "German", "WORD": "hello"}


USELESS: list[Answer] = [
    Answer(text="Here is your prompt: be a chef."),
    Answer(text='{"promt": "be a chef"}'),
    writes(prompt=""),
    writes(system="only"),
]


@pytest.mark.parametrize("useless", USELESS)
async def test_another_form_gets_one_more_try(tmp_path: Path, useless: Answer) -> None:
    async with tools(tmp_path, useless, writes(prompt="p")) as (upstream, client):
        told = await client.post(GENERATE, json=CHEF)
    assert (told.status_code, text(told.json()["messages"][0])) == (200, "p")
    first, second = (seen.body for seen in upstream.requests)
    assert first["tool_choice"] == {"type": "auto"}
    assert second["tool_choice"] == {"type": "tool", "name": "write_prompt"}
    assert "could not be used" in orjson.dumps(second["messages"]).decode()


async def test_twice_another_form_is_a_502_that_says_so(tmp_path: Path) -> None:
    async with tools(tmp_path, Answer(text="Sure!")) as (upstream, client):
        told = await client.post(GENERATE, json=CHEF)
    assert (told.status_code, told.headers["x-should-retry"]) == (502, "false")
    assert "twice in another form" in told.json()["error"]["message"]
    assert len(upstream.requests) == 2


async def test_json_that_is_written_instead_of_called_is_taken(tmp_path: Path) -> None:
    fenced = 'Here:\n```json\n{"prompt": "p {{X}}", "why": "because"}\n```\nGood luck!'
    async with tools(tmp_path, Answer(text=fenced)) as (upstream, client):
        told = await client.post(GENERATE, json=CHEF)
    assert text(told.json()["messages"][0]) == "p {{X}}"
    assert len(upstream.requests) == 1


async def test_what_the_model_is_refused_the_client_is_told(tmp_path: Path) -> None:
    async with tools(tmp_path, Status(400, "prompt is too long: 9 > 8")) as (_, client):
        told = await client.post(GENERATE, json=CHEF)
    assert (told.status_code, told.json()["type"]) == (400, "error")
    assert "prompt is too long" in told.json()["error"]["message"]


WRONG: list[tuple[str, object, str]] = [
    (GENERATE, {}, "task"),
    (GENERATE, {"task": ""}, "task"),
    (GENERATE, {"task": " \n"}, "task"),
    (GENERATE, {"task": "x", "target_model": ""}, "target_model"),
    (GENERATE, [], "JSON object"),
    (IMPROVE, {"messages": []}, "messages"),
    (IMPROVE, {"messages": [{"role": "assistant", "content": "x"}]}, "should be user messages"),
    (IMPROVE, {"messages": [{"role": "user", "content": " "}]}, "should hold a prompt"),
    (TEMPLATIZE, {"messages": [{"role": "user", "content": []}]}, "should hold a prompt"),
    (IMPROVE, {"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "messages.0"),
    (TEMPLATIZE, {"messages": [{"role": "user", "content": "x"}], "system": ["x"]}, "system"),
    # Each would be told for seconds.
    (IMPROVE, {"messages": [{}] * 100_000}, "at most 100 items"),
    (IMPROVE, {"messages": [{"role": "user", "content": [{}] * 100_000}]}, "at most 100 items"),
]


@pytest.mark.parametrize(("path", "body", "says"), WRONG)
async def test_what_is_no_prompt_is_refused_and_asks_nobody(
    tmp_path: Path, path: str, body: object, says: str
) -> None:
    async with tools(tmp_path, writes(prompt="p")) as (upstream, client):
        told = await client.post(path, json=body)
    assert (told.status_code, told.json()["error"]["type"]) == (400, "invalid_request_error")
    assert says in told.json()["error"]["message"]
    assert not upstream.requests


async def test_a_body_larger_than_any_prompt_is_refused(tmp_path: Path) -> None:
    async with tools(tmp_path, writes(prompt="p")) as (upstream, client):
        told = await client.post(GENERATE, json={"task": "x" * 1024 * 1024})
    assert told.status_code == 413
    assert not upstream.requests


async def test_anthropic_itself_is_asked_where_the_role_has_it(tmp_path: Path) -> None:
    body = b'{"messages": [],   "system": "", "usage": []}'
    sent = orjson.dumps(CHEF)
    async with passing(tmp_path, Says(body)) as (_, upstream, client):
        told = await client.post(GENERATE + "?beta=true", content=sent, headers=VERSION)
    assert (told.status_code, told.content) == (200, body)
    [seen] = upstream.requests
    assert (seen.path, seen.raw) == (f"{GENERATE}?beta=true", sent)
    assert seen.headers["anthropic-beta"] == VERSION["anthropic-beta"]


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_where_anthropic_no_longer_has_it_the_roles_model_does_it(
    tmp_path: Path, status: int
) -> None:
    async with passing(tmp_path, Status(status), writes(prompt="ours"), role="claude") as (
        _,
        upstream,
        client,
    ):
        told = await client.post(GENERATE, json=CHEF, headers=VERSION)
    assert text(told.json()["messages"][0]) == "ours"
    assert [seen.path for seen in upstream.requests] == [GENERATE, "/v1/messages"]


async def test_the_demo_answers_too(tmp_path: Path) -> None:
    home = make_platform(tmp_path, "http://127.0.0.1:9")
    body = {"messages": [{"role": "user", "content": "Translate hello"}]}
    async with running(home, simulate=True, environ=KEYS) as proxy, proxy.client() as client:
        for path, asked in ((GENERATE, CHEF), (IMPROVE, body), (TEMPLATIZE, body)):
            told = await client.post(path, json=asked)
            assert told.status_code == 200, told.text
    assert told.json()["variable_values"] == {}
