"""Transformers in a running server: whoever names them, and on whichever way."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.running import make_home, running, user, write
from tests.standin import Answer, Events, StandIn, ToolCall

BOTH = pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])
MARK = {"cache_control": {"type": "ephemeral"}}
MARKED = [{"type": "text", "text": "plan mode", **MARK}]
THOUGHT = Answer(text="<think>well</think>Yes.")


async def ask(
    home: Path, body: dict[str, Any], path: str = "/v1/messages", **environ: str
) -> httpx.Response:
    async with running(home, environ={"TEST_KEY": "k", **environ}) as proxy:
        async with proxy.client() as client:
            return await client.post(path, json=body)


def heard(answer: httpx.Response) -> str:
    """Return the text of an Anthropic answer, whole or streamed, thinking marked."""
    if not answer.headers["content-type"].startswith("text/event-stream"):
        blocks = answer.json()["content"]
        return "".join(b.get("text") or f"[{b['thinking']}]" for b in blocks)
    lines = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    deltas = [event["delta"] for event in map(orjson.loads, lines) if "delta" in event]
    return "".join(
        delta.get("text") or (f"[{delta['thinking']}]" if "thinking" in delta else "")
        for delta in deltas
    )


# -- Where they are named


@BOTH
async def test_a_haystack_names_them_for_all_its_models(tmp_path: Path, dialect: str) -> None:
    async with StandIn() as upstream:
        more = "transformers: [cleancache, {maxtoken: {max_tokens: 9}}]\n"
        home = make_home(tmp_path, upstream.url, dialects=(dialect, dialect), more=more)
        answer = await ask(home, {**user("x"), "system": MARKED})
    seen = upstream.requests[0]
    assert b"cache_control" not in seen.raw
    assert seen.body["max_tokens"] == 9
    assert "transformer maxtoken" in answer.headers["x-rolegraph-adapted"]


async def test_a_model_names_further_ones_for_itself(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        more = """
            transformers: [{sampling: {temperature: 0.1}}]
            models: [{id: deep-model, transformers: [sampling: {temperature: 0.9}]}]
        """
        home = make_home(tmp_path, upstream.url, more=more)
        await ask(home, user("plan mode"))
        await ask(home, user("hello"))
    sent = [(seen.body["model"], seen.body["temperature"]) for seen in upstream.requests]
    assert sent == [("deep-model", 0.9), ("plain-model", 0.1)]


async def test_a_concept_names_them_for_what_it_decides(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        with (home / "kg/routing/think_routing.md").open("a") as file:
            file.write("transform:: cleancache\n")
        await ask(home, {**user("hi"), "messages": [{"role": "user", "content": MARKED}]})
        await ask(home, {**user("hello"), "system": [{**MARKED[0], "text": "be kind"}]})
    assert [b"cache_control" in seen.raw for seen in upstream.requests] == [False, True]


async def test_the_users_own_are_asked_like_ours(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url, more="transformers: [{polite: {word: please}}]\n")
        code = (
            "def transform(request, word):\n    return {**request, 'metadata': {'user_id': word}}\n"
        )
        write(home, "transformers/polite.py", code)
        answer = await ask(home, user("x"), ROLEGRAPH_ALLOW_CODE="1")
    assert upstream.requests[0].body["metadata"] == {"user_id": "please"}
    assert answer.headers["x-rolegraph-adapted"] == "transformer polite"


async def test_the_users_own_is_read_again_as_it_is_saved(tmp_path: Path) -> None:
    code = "def transform(request):\n    return {**request, 'metadata': {'user_id': 'one'}}\n"
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url, more="transformers: [polite]\n")
        write(home, "transformers/polite.py", code)
        allowed = {"TEST_KEY": "k", "ROLEGRAPH_ALLOW_CODE": "1"}
        async with running(home, environ=allowed) as proxy, proxy.client() as client:
            write(home, "transformers/polite.py", code.replace("one", "two"))
            async with asyncio.timeout(5):
                while not upstream.requests or upstream.requests[-1].body["metadata"] != {
                    "user_id": "two"
                }:
                    await client.post("/v1/messages", json=user("x"))


async def test_one_that_fails_fails_its_request_and_nothing_is_sent(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url, more="transformers: [odd]\n")
        write(home, "transformers/odd.py", "def transform(request):\n    return request['no']\n")
        answer = await ask(home, user("x"), ROLEGRAPH_ALLOW_CODE="1")
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "api_error"
    assert upstream.requests == []


# -- On the way out


async def test_bytes_that_no_transformer_changes_stay_the_clients_own(tmp_path: Path) -> None:
    body = (
        b'{ "model":"plain-model" , "x_new":1.50,"max_tokens":5,'
        b'"messages":[{"role":"user","content":"\\u0068i"}]}'
    )
    async with StandIn() as upstream:
        more = "transformers: [cleancache, replace, annotate, {maxtoken: {max_tokens: 9}}]\n"
        home = make_home(tmp_path, upstream.url, more=more)
        async with running(home) as proxy, proxy.client() as client:
            answer = await client.post("/v1/messages", content=body)
    assert upstream.requests[0].raw == body
    assert "x-rolegraph-adapted" not in answer.headers


@BOTH
async def test_synonyms_are_replaced_and_concepts_explained(tmp_path: Path, dialect: str) -> None:
    async with StandIn() as upstream:
        more = "transformers: [replace, annotate]\n"
        home = make_home(tmp_path, upstream.url, dialects=(dialect, dialect), more=more)
        prose = "\nQuick Routing is for small talk.\n"
        with (home / "kg/routing/quick_routing.md").open("a") as file:
            file.write(prose)
        text = "a quick answer, as in `quick answer`"
        answer = await ask(home, {**user(text), "x_new": 1})
    said = str(upstream.requests[0].body["messages"][-1]["content"])
    assert "a Quick Routing, as in `quick answer`" in said
    assert "Quick Routing is for small talk." in said
    assert ("x_new" in upstream.requests[0].body) == (dialect == "anthropic")
    assert "transformer replace, transformer annotate" in answer.headers["x-rolegraph-adapted"]


async def test_a_concept_may_have_its_synonyms_replaced_on_the_way_to_a_chat_client(
    tmp_path: Path,
) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url, dialects=("openai_chat", "openai_chat"))
        with (home / "kg/routing/quick_routing.md").open("a") as file:
            file.write("transform:: replace\n")
        body = {"model": "auto", "messages": [{"role": "user", "content": "quick answer!"}]}
        answer = await ask(home, body, "/v1/chat/completions")
    assert upstream.requests[0].body["messages"][-1]["content"] == "Quick Routing!"
    assert answer.json()["choices"][0]["message"]["content"] == Answer().text


# -- On the way back


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@BOTH
async def test_an_answer_is_read_even_where_both_sides_speak_the_same_dialect(
    tmp_path: Path, dialect: str, *, stream: bool
) -> None:
    async with StandIn([THOUGHT]) as upstream:
        more = "transformers: [extrathinktag]\n"
        home = make_home(tmp_path, upstream.url, dialects=(dialect, dialect), more=more)
        answer = await ask(home, user("x", stream=stream))
    assert heard(answer) == "[well]Yes."
    adapted = answer.headers.get("x-rolegraph-adapted", "")
    assert ("transformer extrathinktag" in adapted) == (not stream)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_tool_mode_ends_in_words(tmp_path: Path, *, stream: bool) -> None:
    exits = ToolCall("exit_tool_mode", {"response": "All done."})
    async with StandIn([Answer(text="", calls=(exits,))]) as upstream:
        home = make_home(tmp_path, upstream.url, more="transformers: [tooluse]\n")
        tools = [{"name": "read", "input_schema": {"type": "object"}}]
        answer = await ask(home, user("x", stream=stream, tools=tools))
    assert heard(answer) == "All done."
    assert upstream.requests[0].body["tool_choice"] == {"type": "any"}
    assert '"stop_reason":"end_turn"' in answer.text


async def test_broken_arguments_are_whole_when_a_chat_client_hears_them(tmp_path: Path) -> None:
    function = {"name": "read", "arguments": "{'path': 'a', }"}
    call = {"index": 0, "id": "c", "type": "function", "function": function}
    events = [
        {"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    ]
    frames = [
        b"data: " + orjson.dumps({"id": "x", "model": "m", **event}) + b"\n\n" for event in events
    ]
    async with StandIn([Events((*frames, b"data: [DONE]\n\n"))]) as upstream:
        more = "transformers: [enhancetool]\n"
        home = make_home(tmp_path, upstream.url, dialects=("openai_chat", "openai_chat"), more=more)
        body = {"model": "auto", "stream": True, "messages": [{"role": "user", "content": "x"}]}
        answer = await ask(home, body, "/v1/chat/completions")
    chunks = [line[6:] for line in answer.text.splitlines() if line.startswith("data: {")]
    calls = [
        call["function"].get("arguments", "")
        for chunk in map(orjson.loads, chunks)
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls", ())
    ]
    assert orjson.loads("".join(calls)) == {"path": "a"}
