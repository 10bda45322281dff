"""Thinking: whose it is, where it may go, and how much of it is asked for: W27 to W35."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.standin import Answer, Status, ToolCall
from tests.wire.wired import MODEL, STREAM, model, wired

Json = dict[str, Any]

SIGNATURE = "EqQBCkYICBgCKkAx+/abc=="
REFUSED = "messages.1.content.0: Invalid `signature` in `thinking` block"
# Escapes, numbers and an order that no serialiser would write again.
NATIVE = (
    b'{"model": "%s", "max_tokens": 2e3, "messages": [{"role":"user","content":"caf\\u00e9"}, '
    b'{"content":[{"signature":"EqQB\\/abc==","type":"thinking","thinking":"1.0"}, '
    b'{"type":"text","text":"ok "}],"role":"assistant"}, {"role":"user","content":"go"}], '
    b'"system":[{"type":"text","text":" x\\n"}],"tools":[{"name":"t","input_schema":{"b":1.0}}]}'
)


def thought(signature: str, thinking: str = "hm") -> Json:
    return {"type": "thinking", "thinking": thinking, "signature": signature}


def history(*blocks: Json, results: bool = False) -> list[Json]:
    """Return a conversation with these blocks; with ``results``, in the midst of a tool loop."""
    said: list[Json] = [*blocks, {"type": "text", "text": "Well."}]
    newest: list[Json] = [{"type": "text", "text": "go on"}]
    if results:
        said.append({"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}})
        newest = [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "seen"}]
    return [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": said},
        {"role": "user", "content": newest},
    ]


@STREAM
async def test_w27_signed_thinking_passes_byte_for_byte(tmp_path: Path, *, stream: bool) -> None:
    """Signed thinking between Anthropic's client and Anthropic -> every byte as it was."""
    answer = Answer(thinking="deep  thought", signature=SIGNATURE)
    async with wired(tmp_path, [answer]) as wire, wire.proxy.client() as http:
        body = NATIVE.replace(b"2e3", b'2000, "stream": true' if stream else b"2000")
        told = await http.post("/v1/messages", content=body % MODEL.encode())
        assert wire.seen.raw == body % MODEL.encode()
        frames = b"".join(answer.frames(wire.seen)) if stream else answer.whole(wire.seen)
    assert told.content == frames


async def test_w28_the_prompt_of_a_thinking_session_is_not_edited(tmp_path: Path) -> None:
    """The system prompt and tools of a thinking session -> not edited on the way to Anthropic;
    only the model's name is put in."""
    body = NATIVE.replace(b"2e3", b"2000")
    async with wired(tmp_path, [Answer()]) as wire, wire.proxy.client() as http:
        await http.post("/v1/messages", content=body % b"claude-opus-4-5")
    assert wire.seen.raw == body % MODEL.encode()


@pytest.mark.parametrize("signature", ["", "openai_responses.rs_1.gAAA", "gemini.xyz"])
async def test_w29_foreign_thinking_never_goes_to_claude(tmp_path: Path, signature: str) -> None:
    """The history holds another provider's thinking -> Claude gets its own alone."""
    messages = history(thought(signature), thought(SIGNATURE, "mine"))
    async with wired(tmp_path, [Answer()]) as wire:
        heard = await wire.ask(messages=messages)
    sent = wire.seen.body["messages"][1]["content"]
    assert [block.get("thinking") for block in sent] == ["mine", None]
    assert heard.adapted == "another provider's thinking removed"


async def test_w29_thinking_of_an_openai_client_is_foreign_to_claude(tmp_path: Path) -> None:
    """An OpenAI client sends `reasoning_content` back -> Claude does not get it as its own."""
    said = {"role": "assistant", "content": "Well.", "reasoning_content": "hm"}
    messages = [{"role": "user", "content": "a"}, said, {"role": "user", "content": "b"}]
    async with wired(tmp_path, [Answer()]) as wire:
        heard = await wire.ask("openai_chat", messages=messages)
    assert b"hm" not in wire.seen.raw
    assert "thinking removed" in heard.adapted


@STREAM
async def test_w29_a_refused_signature_is_mended_once(tmp_path: Path, *, stream: bool) -> None:
    """A 400 refuses a signature -> asked once more, without the thinking, and noted."""
    async with wired(tmp_path, [Status(400, REFUSED), Answer(text="mended")]) as wire:
        heard = await wire.ask(messages=history(thought(SIGNATURE)), stream=stream)
    assert heard.text == "mended"
    assert heard.adapted == "thinking removed: its signature was refused"
    assert len(wire.upstream.requests) == 2
    assert [b["type"] for b in wire.seen.body["messages"][1]["content"]] == ["text"]


async def test_w29_a_second_refusal_is_the_clients_to_read(tmp_path: Path) -> None:
    """The mended request is refused too -> the client reads the refusal, word for word."""
    async with wired(tmp_path, [Status(400, REFUSED)]) as wire:
        heard = await wire.ask(messages=history(thought(SIGNATURE)))
        nothing_to_mend = await wire.ask()
    assert (heard.status, heard.message) == (400, REFUSED)
    assert nothing_to_mend.status == 400
    assert len(wire.upstream.requests) == 3


async def test_w29_a_tool_loop_without_its_thoughts_does_not_think(tmp_path: Path) -> None:
    """Thoughts are removed in the midst of a tool loop -> thinking is off until it ends: Claude
    refuses to think on behind a call whose thought is missing."""
    asked: Json = {
        "messages": history(thought(""), results=True),
        "max_tokens": 4000,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "context_management": {"edits": [{"type": "clear_thinking_20251015"}]},
    }
    async with wired(tmp_path, [Answer()]) as wire:
        await wire.ask(**asked)
        await wire.ask(**asked | {"messages": history(thought(""))})
    first, second = (request.body for request in wire.upstream.requests)
    assert not {"thinking", "context_management"} & first.keys()
    assert {"thinking", "context_management"} <= second.keys()


@pytest.mark.parametrize("dialect", ["openai_chat", "ollama"])
async def test_w30_thinking_is_not_asked_of_a_model_without_it(
    tmp_path: Path, dialect: str
) -> None:
    """Thinking is sent to a model without it -> removed, and said in `x-rolegraph-adapted`."""
    thinking = {"type": "enabled", "budget_tokens": 2000}
    more = model(capabilities="[tools]")
    async with wired(tmp_path, [Answer()], dialect, more=more) as wire:
        heard = await wire.ask(thinking=thinking, max_tokens=4000)
    assert not {"thinking", "reasoning_effort", "reasoning"} & wire.seen.body.keys()
    assert not wire.seen.body.get("think")
    assert "thinking dropped" in heard.adapted


@STREAM
async def test_w31_reasoning_goes_back_to_who_wants_it(tmp_path: Path, *, stream: bool) -> None:
    """DeepSeek wants its `reasoning_content` back behind a tool call -> it is replayed."""
    first = Answer(thinking="I must look.", text="", calls=(ToolCall("look"),))
    async with wired(tmp_path, [first, Answer()], "openai_chat") as wire:
        name = "second,deepseek-reasoner"
        heard = await wire.ask(model=name, stream=stream)
        said = [
            {"type": "thinking", "thinking": heard.thinking, "signature": ""},
            {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}},
        ]
        result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "seen"}
        turns = ({"role": "assistant", "content": said}, {"role": "user", "content": [result]})
        await wire.ask(model=name, messages=[{"role": "user", "content": "hello"}, *turns])
    assert wire.seen.body["messages"][1]["reasoning_content"] == "I must look."


@pytest.mark.parametrize(
    ("asked", "name", "effort"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "gpt-5.1", "low"),
        ({"thinking": {"type": "enabled", "budget_tokens": 10_000}}, "gpt-5.1", "medium"),
        ({"thinking": {"type": "enabled", "budget_tokens": 31_999}}, "gpt-5.1", "high"),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}, "o3", "high"),
        ({"thinking": {"type": "adaptive"}}, "gpt-5.1", None),
        ({"thinking": {"type": "disabled"}, "output_config": {"effort": "low"}}, "o3", None),
        ({"output_config": {"effort": "high"}}, "gpt-4o", None),
    ],
)
async def test_w34_claudes_thinking_is_asked_for_in_openais_words(
    tmp_path: Path, asked: Json, name: str, effort: str | None
) -> None:
    """Budgets, adaptive thinking and effort for OpenAI -> the `reasoning_effort` it can do."""
    async with wired(tmp_path, [Answer()], "openai_chat") as wire:
        await wire.ask(model=f"second,{name}", max_tokens=40_000, **asked)
    assert wire.seen.body.get("reasoning_effort") == effort


@pytest.mark.parametrize(
    ("name", "effort", "thinking", "kept"),
    [
        ("claude-opus-4-7", "xhigh", {"type": "adaptive"}, "xhigh"),
        ("claude-sonnet-4-6", "xhigh", {"type": "adaptive"}, "high"),
        ("claude-sonnet-4-6", "low", {"type": "adaptive"}, "low"),
        ("claude-sonnet-4-5", "low", {"type": "enabled", "budget_tokens": 4096}, None),
        ("claude-3-5-haiku", "high", None, None),
        ("claude-opus-4-7", "none", {"type": "disabled"}, None),
    ],
)
async def test_w34_an_effort_becomes_what_the_claude_model_can_do(
    tmp_path: Path, name: str, effort: str, thinking: Json | None, kept: str | None
) -> None:
    """`reasoning_effort` for Claude -> adaptive thinking, a budget, or nothing, by the model."""
    async with wired(tmp_path, [Answer()]) as wire:
        await wire.ask(
            "openai_chat", model=f"second,{name}", max_tokens=40_000, reasoning_effort=effort
        )
    assert wire.seen.body.get("thinking") == thinking
    assert (wire.seen.body.get("output_config") or {}).get("effort") == kept


@pytest.mark.parametrize(("max_tokens", "budget"), [(600, None), (2000, 1999), (40_000, 16_384)])
async def test_w35_a_budget_fits_between_its_least_and_max_tokens(
    tmp_path: Path, max_tokens: int, budget: int | None
) -> None:
    """A budget would be under 1024 or over `max_tokens` -> lowered, or thinking is dropped."""
    async with wired(tmp_path, [Answer()]) as wire:
        await wire.ask(
            "openai_chat",
            model="second,claude-sonnet-4-5",
            max_tokens=max_tokens,
            reasoning_effort="high",
        )
    thinking = wire.seen.body.get("thinking") or {}
    assert thinking.get("budget_tokens") == budget
    assert wire.seen.body["max_tokens"] == max_tokens


@pytest.mark.parametrize(("most", "budget"), [(8192, 4096), (1500, None)])
async def test_w35_a_lowered_limit_lowers_the_budget(
    tmp_path: Path, most: int, budget: int | None
) -> None:
    """`max_tokens` is lowered to what the model can write -> so is the budget, or it is dropped."""
    async with wired(tmp_path, [Answer()], more=model(max_output=most)) as wire:
        thinking = {"type": "enabled", "budget_tokens": 31_999}
        heard = await wire.ask(max_tokens=32_000, thinking=thinking)
    assert wire.seen.body["max_tokens"] == most
    assert (wire.seen.body.get("thinking") or {}).get("budget_tokens") == budget
    assert heard.adapted == f"max_tokens lowered to {most}"
