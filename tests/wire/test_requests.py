"""What providers refuse, and how it reaches them all the same: W36 to W45."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from tests.standin import Answer
from tests.wire.wired import FOREIGN, UPSTREAMS, Wired, wired

Json = dict[str, Any]

PIXEL = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0x"}
SCHEMA = {"type": "object", "properties": {}}


def said(text: str) -> Json:
    return {"role": "user", "content": text}


def text(words: str, **more: object) -> Json:
    return {"type": "text", "text": words, **more}


async def chat(wire: Wired, **body: Any) -> list[Json]:
    """Ask, and return the messages that a provider of chat completions got."""
    heard = await wire.ask(**body)
    assert heard.status == 200, heard.message
    messages: list[Json] = wire.seen.body["messages"]
    return messages


@UPSTREAMS
async def test_w36_fields_for_anthropic_alone_reach_anthropic_alone(
    tmp_path: Path, dialect: str
) -> None:
    """`context_management`, `output_config` and others -> kept for Anthropic, dropped elsewhere
    with a note."""
    fields: Json = {
        "context_management": {"edits": []},
        "safeguards": ["a"],
        "service_tier": "auto",
    }
    async with wired(tmp_path, [Answer()], dialect) as wire:
        heard = await wire.ask(**fields, output_config={"effort": "low", "task_budget": 1})
    kept = {*fields, "output_config"} & wire.seen.body.keys()
    assert kept == ({*fields, "output_config"} if dialect == "anthropic" else set())
    noted = [name for name in fields if f"{name} dropped" in heard.adapted]
    assert len(noted) == (0 if dialect == "anthropic" else len(fields))


@UPSTREAMS
async def test_w37_betas_are_joined_for_anthropic_and_kept_from_others(
    tmp_path: Path, dialect: str
) -> None:
    """`anthropic-beta` in several headers -> all of them to Anthropic, joined; none elsewhere."""
    async with wired(tmp_path, [Answer()], dialect) as wire, wire.proxy.client() as http:
        body = {"model": "auto", "max_tokens": 9, "messages": [said("hi")]}
        betas = [("anthropic-beta", "a-1,b-2"), ("anthropic-beta", "c-3")]
        await http.post("/v1/messages?beta=true", json=body, headers=betas)
    betas_seen = wire.seen.headers.get("anthropic-beta", "")
    assert betas_seen == ("a-1,b-2, c-3" if dialect == "anthropic" else "")
    assert wire.seen.path.endswith("?beta=true") == (dialect == "anthropic")


@UPSTREAMS
async def test_w38_marks_on_tools_are_for_anthropic_alone(tmp_path: Path, dialect: str) -> None:
    """`eager_input_streaming`, `input_examples`, `strict` on tools -> kept for Anthropic, removed
    elsewhere."""
    marks = {"eager_input_streaming": True, "input_examples": [{}], "strict": True}
    tool: Json = {"name": "look", "input_schema": SCHEMA, "cache_control": {"type": "ephemeral"}}
    async with wired(tmp_path, [Answer()], dialect) as wire:
        await wire.ask(tools=[tool | marks])
    told = tool | marks
    found = {name for name in told if orjson.dumps({name: told[name]})[1:-1] in wire.seen.raw}
    assert found & {*marks, "cache_control"} == (
        {*marks, "cache_control"} if dialect == "anthropic" else set()
    )


@UPSTREAMS
async def test_w39_deferred_tools_are_shown_when_they_are_loaded(
    tmp_path: Path, dialect: str
) -> None:
    """`defer_loading` and `tool_reference` -> kept for Anthropic; elsewhere a loaded tool is like
    any other, and one that is not stays hidden."""
    tools = [
        {"name": name, "input_schema": SCHEMA, "defer_loading": True}
        for name in ("loaded_tool", "hidden_tool")
    ]
    call = {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {}}
    found = {"type": "tool_reference", "tool_name": "loaded_tool"}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [found]}
    messages = [
        said("find"),
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    tools.append({"name": "find", "input_schema": SCHEMA})
    async with wired(tmp_path, [Answer()], dialect) as wire:
        await wire.ask(tools=tools, messages=messages)
    raw = wire.seen.raw
    assert b"loaded_tool" in raw
    assert (b"hidden_tool" in raw) == (dialect == "anthropic")
    assert (b"defer_loading" in raw) == (dialect == "anthropic")
    assert (b'"tool_reference"' in raw) == (dialect == "anthropic")


@UPSTREAMS
async def test_w40_a_system_message_among_the_others_is_accepted(
    tmp_path: Path, dialect: str
) -> None:
    """`role: system` inside `messages` -> accepted everywhere, its words kept."""
    messages = [said("one"), {"role": "system", "content": "Be brief."}, said("two")]
    async with wired(tmp_path, [Answer()], dialect) as wire:
        heard = await wire.ask(messages=messages)
    assert heard.status == 200
    assert b"Be brief." in wire.seen.raw


async def test_w40_a_system_message_of_an_openai_client_is_never_first_for_claude(
    tmp_path: Path,
) -> None:
    """System messages of an OpenAI client -> the first is Claude's system prompt, later ones are
    reminders in the user's voice."""
    system = {"role": "system", "content": "Be brief."}
    async with wired(tmp_path, [Answer()]) as wire:
        await wire.ask("openai_chat", messages=[system, said("one"), system, said("two")])
    body = wire.seen.body
    assert body["system"] == "Be brief."
    assert {message["role"] for message in body["messages"]} == {"user"}
    assert b"<system-reminder>" in wire.seen.raw


@UPSTREAMS
async def test_w41_the_billing_header_is_for_anthropic_alone(tmp_path: Path, dialect: str) -> None:
    """A billing header in `system[0]` -> untouched for Anthropic; elsewhere it would spoil the
    prefix cache, and is removed."""
    billing = text("x-anthropic-billing-header: cc_version=2.1; cch=8f3a1;")
    async with wired(tmp_path, [Answer()], dialect) as wire:
        await wire.ask(system=[billing, text("You are Claude Code.")])
    assert (b"billing" in wire.seen.raw) == (dialect == "anthropic")
    assert b"You are Claude Code." in wire.seen.raw


@FOREIGN
async def test_w42_empty_texts_are_left_out(tmp_path: Path, dialect: str) -> None:
    """Empty text blocks, in strings and lists, of every role -> left out. On the native path every
    byte passes, and Anthropic's own refusal with it."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [text(""), text("seen")]}
    messages = [
        {"role": "user", "content": [text(""), text("go")]},
        {"role": "assistant", "content": [text(" "), call]},
        {"role": "user", "content": [result, text("")]},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "on"},
    ]
    async with wired(tmp_path, [Answer()], dialect) as wire:
        sent = await chat(wire, messages=messages, system=[text(""), text("S")])
    assert [(message["role"], message["content"] or None) for message in sent] == [
        ("system", "S"),
        ("user", "go"),
        ("assistant", None),
        ("tool", "seen"),
        ("user", "on"),
    ]


async def test_w44_images_of_tool_results_follow_all_tool_messages(tmp_path: Path) -> None:
    """Images inside tool results -> in a user message behind all of the tool messages."""
    calls = [{"type": "tool_use", "id": f"t{i}", "name": "look", "input": {}} for i in range(2)]
    results = [
        {
            "type": "tool_result",
            "tool_use_id": f"t{i}",
            "content": [{"type": "image", "source": PIXEL}],
        }
        for i in range(2)
    ]
    messages = [
        said("look"),
        {"role": "assistant", "content": calls},
        {"role": "user", "content": results},
    ]
    async with wired(tmp_path, [Answer()], "openai_chat") as wire:
        sent = await chat(wire, messages=messages)
    assert [message["role"] for message in sent[2:]] == ["tool", "tool", "user"]
    kinds = [part["type"] for part in sent[-1]["content"]]
    assert kinds.count("image_url") == 2


async def test_w45_a_pdf_is_converted(tmp_path: Path) -> None:
    """A PDF for OpenAI -> a file part."""
    document = {"type": "document", "source": PDF, "title": "a.pdf"}
    async with wired(tmp_path, [Answer()], "openai_chat") as wire:
        sent = await chat(wire, messages=[{"role": "user", "content": [document, text("?")]}])
    file = sent[0]["content"][0]["file"]
    assert file == {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0x"}


async def test_w45_a_document_that_nobody_holds_is_refused_by_name(tmp_path: Path) -> None:
    """A document whose file is kept neither here nor by the provider -> a 404 that names it, and
    no call."""
    document = {"type": "document", "source": {"type": "file", "file_id": "file_1"}}
    async with wired(tmp_path, [Answer()], "openai_chat") as wire:
        heard = await wire.ask(messages=[{"role": "user", "content": [document]}])
    assert (heard.status, heard.error) == (404, "not_found_error")
    assert "file_1" in heard.message
    assert wire.upstream.requests == []
