"""What is Gemini's own: W02, W32, W46, and how it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from tests.standin import Answer, Status, ToolCall
from tests.wire.wired import BOTH, CLIENTS, STREAM, wired

Json = dict[str, Any]

CALL = ToolCall("look", {"at": "Øslo"}, "call_1")
FIRST = Answer(text="", calls=(CALL,))
MODEL = "second,gemini-3.8-flash"


@CLIENTS
@STREAM
async def test_w02_a_function_call_is_a_tool_use_block(
    tmp_path: Path, client: str, *, stream: bool
) -> None:
    """Gemini answers with a function call in a stream -> a `tool_use` block."""
    async with wired(tmp_path, [FIRST], "gemini") as wire:
        heard = await wire.ask(client, stream=stream)
    assert heard.calls == [(CALL.name, CALL.input)]
    assert heard.stop == "tool_use"


async def test_w32_a_signature_returns_with_the_call_that_it_belongs_to(tmp_path: Path) -> None:
    """Gemini's thought signatures -> carried with the tool call they belong to."""
    async with wired(tmp_path, [FIRST, Answer()], "gemini") as wire:
        heard = await wire.ask(model=MODEL)
        history: list[Json] = [
            {"role": "user", "content": "hello"},
            {"role": "assistant", "content": orjson.loads(heard.raw)["content"]},
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": CALL.id, "content": "rain"}],
            },
        ]
        await wire.ask(model=MODEL, messages=history)
    [called] = wire.seen.body["contents"][1]["parts"]
    assert called["thoughtSignature"] == FIRST.signature
    assert called["functionCall"] == {"id": CALL.id, "name": CALL.name, "args": CALL.input}


async def test_w46_a_tools_schema_is_said_in_words_that_gemini_knows(tmp_path: Path) -> None:
    """`$schema`, `const`, `exclusiveMinimum`, `$ref` -> cleaned deeply, the meaning kept."""
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$defs": {"n": {"type": "integer", "exclusiveMinimum": 0}},
        "type": "object",
        "properties": {"n": {"$ref": "#/$defs/n"}, "kind": {"const": "x"}},
        "additionalProperties": False,
    }
    async with wired(tmp_path, [Answer()], "gemini") as wire:
        await wire.ask(tools=[{"name": "t", "input_schema": schema}])
    [declared] = wire.seen.body["tools"][0]["functionDeclarations"]
    assert declared["parametersJsonSchema"] == {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1},
            "kind": {"type": "string", "enum": ["x"]},
        },
        "additionalProperties": False,
    }


async def test_how_long_to_wait_is_read_from_the_body(tmp_path: Path) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7.2s"}
    full = {"code": 429, "message": "Quota.", "status": "RESOURCE_EXHAUSTED", "details": [info]}
    async with wired(tmp_path, [Status(429, {"error": full})], "gemini") as wire:
        heard = await wire.ask()
    assert (heard.status, heard.headers["retry-after"]) == (429, "8")


async def test_a_bad_key_of_ours_is_no_fault_of_the_client(tmp_path: Path) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    bad = {"code": 400, "message": "API key not valid.", "details": [info]}
    async with wired(tmp_path, [Status(400, {"error": bad}), Answer()], "gemini", role=BOTH) as w:
        heard = await w.ask()
    assert heard.status == 200
    assert len(w.upstream.requests) == 2
