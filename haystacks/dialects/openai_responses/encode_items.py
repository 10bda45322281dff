"""Canonical messages -> the input of a response."""

from __future__ import annotations

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.block_marks import note_marks
from haystacks.dialects.openai_chat.arguments import encode_arguments
from haystacks.dialects.openai_chat.effort import thinks
from haystacks.dialects.openai_chat.encode_messages import encode_system
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.dialects.openai_responses.parts import encode_parts
from haystacks.dialects.openai_responses.reasoning import encode_reasoning
from haystacks.dialects.turns import content_blocks, turns
from haystacks.pool import Model


def encode_items(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return ``input``, and ``instructions`` where there is a system prompt."""
    body: Json = {}
    for message in encode_system(content_blocks(canonical.get("system")), adaptation):
        body["instructions"] = message["content"]
    if any("output_config" in message for message in canonical["messages"]):
        adaptation.note("output_config of a message dropped")
    items: list[Json] = []
    for turn in turns(canonical["messages"]):
        if turn.role == "user":
            items += _user(turn.blocks, adaptation)
        elif turn.role == "assistant":
            items += _assistant(turn.blocks, model, adaptation)
        else:
            told = encode_system(turn.blocks, adaptation)
            items += [{"type": "message", **message} for message in told]
    if not items:
        adaptation.refuse("every message is empty")
    return {**body, "input": items}


def _user(blocks: list[Json], adaptation: Adaptation) -> list[Json]:
    """Return the outputs of tools, then one message of what the user says beside them."""
    results = [block for block in blocks if block["type"] == "tool_result"]
    items = [_result(result, adaptation) for result in results]
    parts = encode_parts(blocks[len(results) :], adaptation)
    if parts:
        items.append({"type": "message", "role": "user", "content": parts})
    return items


def _result(result: Json, adaptation: Adaptation) -> Json:
    """Return a tool's output, marked if it is an error; pictures stay in it."""
    note_marks(result, adaptation)
    parts = encode_parts(content_blocks(result.get("content")), adaptation)
    if result.get("is_error"):
        parts.insert(0, {"type": "input_text", "text": "[error]"})
    output: str | list[Json] = parts
    if all(part["type"] == "input_text" for part in parts):
        output = "\n".join(part["text"] for part in parts)
    return {
        "type": "function_call_output",
        "call_id": tool_id(result["tool_use_id"]),
        "output": output,
    }


def _assistant(blocks: list[Json], model: Model, adaptation: Adaptation) -> list[Json]:
    items: list[Json] = []
    for block in blocks:
        kind = block["type"]
        note_marks(block, adaptation)
        if kind == "text":
            items.append(_said(block["text"]))
        elif kind == "tool_use":
            items.append(_call(block))
        elif kind == "thinking" and thinks(model) and (reasoning := encode_reasoning(block)):
            items.append(reasoning)
        elif kind in ("thinking", "redacted_thinking"):
            adaptation.note(f"{kind} blocks removed")
        elif kind in ("server_tool_use", "mcp_tool_use") or kind.endswith("_tool_result"):
            adaptation.note("server tool history removed")
        else:
            adaptation.refuse(f"a {kind} block can't be sent to this provider")
    return items


def _said(text: str) -> Json:
    part = {"type": "output_text", "text": text}
    return {"type": "message", "role": "assistant", "content": [part]}


def _call(block: Json) -> Json:
    return {
        "type": "function_call",
        "call_id": tool_id(block["id"]),
        "name": block["name"],
        "arguments": encode_arguments(block["input"]),
    }
