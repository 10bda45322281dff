"""What a client of Responses writes in its own words, and what providers get of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.asking import asking
from tests.standin import Answer, Status, ToolCall
from tests.wire.wired import STREAM, Wired, model, wired

Json = dict[str, Any]

PIXEL = "data:image/png;base64,iVBORw0KGgo="
PDF = "data:application/pdf;base64,JVBERi0x"
LOOK = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}


def call(call_id: str) -> Json:
    return {"type": "function_call", "call_id": call_id, "name": "look", "arguments": "{}"}


def result(call_id: str, output: Any) -> Json:
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def text(words: str) -> Json:
    return {"type": "input_text", "text": words}


async def sent(wire: Wired, **body: Any) -> Json:
    """Ask as a client of Responses; return what the provider got."""
    heard = await wire.ask("openai_responses", **body)
    assert heard.status == 200, heard.message
    got: Json = wire.seen.body
    return got


async def test_w30_reasoning_is_not_asked_of_a_model_without_it(tmp_path: Path) -> None:
    """`reasoning.effort` for a model that can't reason -> removed, and said in
    `x-rolegraph-adapted`."""
    more = model(capabilities="[tools]")
    async with wired(tmp_path, [Answer()], "openai_chat", more=more) as wire:
        heard = await wire.ask("openai_responses", reasoning={"effort": "high"})
    assert not {"thinking", "reasoning_effort", "reasoning"} & wire.seen.body.keys()
    assert "dropped" in heard.adapted


@STREAM
async def test_w31_reasoning_of_a_response_goes_back_to_who_wants_it(
    tmp_path: Path, *, stream: bool
) -> None:
    """A client of Responses sends DeepSeek's reasoning back as an item -> it is replayed."""
    first = Answer(thinking="I must look.", text="", calls=(ToolCall("look", {}, "c1"),))
    async with wired(tmp_path, [first, Answer()], "openai_chat") as wire:
        name = "second,deepseek-reasoner"
        heard = await wire.ask("openai_responses", model=name, stream=stream)
        last = heard.events[-1]["response"] if stream else orjson.loads(heard.raw)
        said = {"role": "user", "content": "hello"}
        await sent(wire, model=name, input=[said, *last["output"], result("c1", "seen")])
    assert wire.seen.body["messages"][1]["reasoning_content"] == "I must look."


@STREAM
async def test_w32_a_signature_returns_by_way_of_a_response(
    tmp_path: Path, *, stream: bool
) -> None:
    """A client of Responses sends Gemini's call back -> with the signature that belongs to it."""
    first = Answer(text="", calls=(ToolCall("look", {}, "c1"),))
    async with wired(tmp_path, [first, Answer()], "gemini") as wire:
        name = "second,gemini-3.8-flash"
        heard = await wire.ask("openai_responses", model=name, stream=stream)
        last = heard.events[-1]["response"] if stream else orjson.loads(heard.raw)
        said = {"role": "user", "content": "hello"}
        got = await sent(wire, model=name, input=[said, *last["output"], result("c1", "rain")])
    [called] = got["contents"][1]["parts"]
    assert called["thoughtSignature"] == first.signature


@pytest.mark.parametrize(
    ("name", "effort", "thinking", "kept"),
    [
        ("claude-opus-4-7", "xhigh", {"type": "adaptive"}, "xhigh"),
        ("claude-sonnet-4-5", "low", {"type": "enabled", "budget_tokens": 4096}, None),
        ("claude-3-5-haiku", "high", None, None),
        ("claude-opus-4-7", "none", {"type": "disabled"}, None),
    ],
)
async def test_w34_the_effort_of_a_response_becomes_what_the_claude_model_can_do(
    tmp_path: Path, name: str, effort: str, thinking: Json | None, kept: str | None
) -> None:
    """`reasoning.effort` for Claude -> adaptive thinking, a budget, or nothing, by the model."""
    async with wired(tmp_path, [Answer()]) as wire:
        reasoning = {"effort": effort}
        asked = {"model": f"second,{name}", "max_output_tokens": 40_000}
        got = await sent(wire, **asked, reasoning=reasoning)
    assert got.get("thinking") == thinking
    assert (got.get("output_config") or {}).get("effort") == kept


@pytest.mark.parametrize(("most", "budget"), [(600, None), (2000, 1999)])
async def test_w35_a_budget_of_a_response_fits_between_its_least_and_most(
    tmp_path: Path, most: int, budget: int | None
) -> None:
    """A budget would be under 1024 or over `max_output_tokens` -> lowered, or none."""
    async with wired(tmp_path, [Answer()]) as wire:
        asked = {"model": "second,claude-sonnet-4-5", "max_output_tokens": most}
        got = await sent(wire, **asked, reasoning={"effort": "high"})
    assert (got.get("thinking") or {}).get("budget_tokens") == budget
    assert got["max_tokens"] == most


async def test_w40_a_developers_message_is_never_first_for_claude(tmp_path: Path) -> None:
    """`developer` messages of a client of Responses -> the first is Claude's system prompt, later
    ones are reminders in the user's voice."""
    developer = {"role": "developer", "content": "Be brief."}
    said = [{"role": "user", "content": words} for words in ("one", "two")]
    async with wired(tmp_path, [Answer()]) as wire:
        got = await sent(wire, input=[developer, said[0], developer, said[1]])
    assert got["system"] == "Be brief."
    assert {message["role"] for message in got["messages"]} == {"user"}
    assert b"<system-reminder>" in wire.seen.raw


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat", "ollama"])
async def test_w42_empty_texts_of_an_input_are_left_out(tmp_path: Path, dialect: str) -> None:
    """Empty texts in the items of an input -> left out; some providers refuse them."""
    items = [
        {"role": "developer", "content": ""},
        {"role": "user", "content": [text(""), text("go")]},
        {"role": "assistant", "content": [{"type": "output_text", "text": " "}]},
        {"role": "user", "content": [text("on"), text("")]},
    ]
    async with wired(tmp_path, [Answer()], dialect) as wire:
        await sent(wire, input=items)
    assert not any(empty in wire.seen.raw for empty in (b'"text":""', b'"text":" "'))
    assert not any(empty in wire.seen.raw for empty in (b'"content":""', b'"content":" "'))


async def test_w44_images_of_call_outputs_follow_all_tool_messages(tmp_path: Path) -> None:
    """Images inside a call's output -> in a user message behind all of the tool messages."""
    image = {"type": "input_image", "image_url": PIXEL}
    items = [
        {"role": "user", "content": "look"},
        *(call(f"t{i}") for i in range(2)),
        *(result(f"t{i}", [image]) for i in range(2)),
    ]
    async with wired(tmp_path, [Answer()], "openai_chat") as wire:
        got = await sent(wire, input=items)
    assert [message["role"] for message in got["messages"][2:]] == ["tool", "tool", "user"]
    kinds = [part["type"] for part in got["messages"][-1]["content"]]
    assert kinds.count("image_url") == 2


async def test_w45_a_pdf_of_an_input_is_a_document_for_claude(tmp_path: Path) -> None:
    """An `input_file` with a PDF for Claude -> a document."""
    file = {"type": "input_file", "filename": "a.pdf", "file_data": PDF}
    async with wired(tmp_path, [Answer()]) as wire:
        got = await sent(wire, input=[{"role": "user", "content": [file, text("?")]}])
    [document, _] = got["messages"][0]["content"]
    assert (document["type"], document["title"]) == ("document", "a.pdf")
    assert document["source"]["data"] == "JVBERi0x"


async def test_w45_a_file_that_openai_stores_is_refused_by_name(tmp_path: Path) -> None:
    """An `input_file` that only OpenAI holds -> a 400 that names it, and no call."""
    file = {"type": "input_file", "file_id": "file_1"}
    async with wired(tmp_path, [Answer()]) as wire:
        items = [{"role": "user", "content": [file]}]
        heard = await wire.ask("openai_responses", input=items)
    assert (heard.status, heard.error) == (400, "invalid_request_error")
    assert "file" in heard.message
    assert wire.upstream.requests == []


async def test_w46_a_functions_schema_is_said_in_words_that_gemini_knows(tmp_path: Path) -> None:
    """`const` and `exclusiveMinimum` in a function's parameters -> the meaning kept."""
    positive = {"type": "integer", "exclusiveMinimum": 0}
    schema = {"type": "object", "properties": {"n": positive, "kind": {"const": "x"}}}
    async with wired(tmp_path, [Answer()], "gemini") as wire:
        got = await sent(wire, tools=[LOOK | {"parameters": schema}])
    [declared] = got["tools"][0]["functionDeclarations"]
    assert declared["parametersJsonSchema"]["properties"] == {
        "n": {"type": "integer", "minimum": 1},
        "kind": {"type": "string", "enum": ["x"]},
    }


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])
async def test_w47_max_output_tokens_over_the_models_limit_is_clamped(
    tmp_path: Path, dialect: str
) -> None:
    """`max_output_tokens` over the model's limit -> lowered to it."""
    async with wired(tmp_path, [Answer()], dialect, more=model(max_output=8192)) as wire:
        got = await sent(wire, max_output_tokens=64_000)
    assert got["max_tokens"] == 8192


async def test_w50_a_tool_of_openais_own_that_nobody_has_is_refused_by_name(tmp_path: Path) -> None:
    """A tool that only OpenAI runs, and no candidate does -> a 400 that names it; `web_search`,
    which Codex offers unasked, is left out with a note."""
    async with wired(tmp_path, [Answer()]) as wire:
        interpreter = {"type": "code_interpreter", "container": {"type": "auto"}}
        heard = await wire.ask("openai_responses", tools=[LOOK, interpreter])
        searching = await wire.ask("openai_responses", tools=[LOOK, {"type": "web_search"}])
    assert (heard.status, heard.error) == (400, "invalid_request_error")
    assert "code_interpreter" in heard.message
    assert (searching.status, searching.adapted) == (200, "web_search dropped")
    assert len(wire.upstream.requests) == 1


@pytest.mark.parametrize("dialect", ["openai_chat", "ollama"])
async def test_w51_the_cache_key_of_a_response_reaches_no_provider_that_might_refuse_it(
    tmp_path: Path, dialect: str
) -> None:
    """A client of Responses names its `prompt_cache_key` -> not sent where it may be refused."""
    async with wired(tmp_path, [Answer()], dialect) as wire:
        got = await sent(wire, prompt_cache_key="one")
    assert "prompt_cache_key" not in got


async def test_w55_a_prompt_that_is_too_long_has_the_code_that_codex_compacts_on(
    tmp_path: Path,
) -> None:
    """`prompt is too long` for a client of OpenAI's -> `context_length_exceeded`."""
    full = Status(400, "prompt is too long: 9 tokens > 8 maximum")
    async with wired(tmp_path, [full]) as wire:
        heard = await wire.ask("openai_responses")
    assert (heard.status, heard.error) == (400, "context_length_exceeded")


async def test_w57_an_input_counts_as_the_same_message_does(tmp_path: Path) -> None:
    """`input_tokens` of a response -> counted here, as the same words to Claude are."""
    async with wired(tmp_path, [Answer()]) as wire, wire.proxy.client() as http:
        counts = [
            (await http.post(path, json=asking(client, "hello there" * 50))).json()["input_tokens"]
            for client, path in (
                ("openai_responses", "/v1/responses/input_tokens"),
                ("anthropic", "/v1/messages/count_tokens"),
            )
        ]
    assert counts[0] == counts[1] > 50
    assert wire.upstream.requests == []
