"""Canonical system prompt and messages -> OpenAI's messages."""

from __future__ import annotations

import re
from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.block_marks import note_marks
from haystacks.dialects.openai_chat.arguments import encode_arguments
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.dialects.openai_chat.parts import encode_parts
from haystacks.dialects.openai_chat.reasoning_history import complete, keeps_reasoning
from haystacks.dialects.turns import Turn, content_blocks, turns
from haystacks.pool import Model

_BILLING: Final = re.compile(r"x-anthropic-billing-header:[^\n]*\n*")


def encode_messages(canonical: Json, model: Model, adaptation: Adaptation) -> list[Json]:
    """Return the messages, the system prompt first; none is without content."""
    messages = encode_system(content_blocks(canonical.get("system")), adaptation)
    if any("output_config" in message for message in canonical["messages"]):
        adaptation.note("output_config of a message dropped")
    found = turns(canonical["messages"])
    if not found:
        adaptation.refuse("every message is empty")
    for turn in found:
        if turn.role == "user":
            messages += encode_user(turn, adaptation)
        elif turn.role == "assistant":
            messages += _assistant(turn, model, adaptation)
        else:
            messages += encode_system(turn.blocks, adaptation)
    return messages


def encode_system(blocks: list[Json], adaptation: Adaptation) -> list[Json]:
    """Return one system message, without the billing header that would spoil a prefix cache."""
    texts = []
    for part in encode_parts(blocks, adaptation):
        if part["type"] != "text":
            adaptation.refuse(f"{part['type']} in a system message is not supported")
            continue
        text = part["text"]
        billing = _BILLING.match(text)
        if billing:
            adaptation.note("billing header dropped")
            text = text[billing.end() :]
        if text:
            texts.append(text)
    return [{"role": "system", "content": "\n\n".join(texts)}] if texts else []


def encode_user(turn: Turn, adaptation: Adaptation) -> list[Json]:
    """Tool messages first, then one user message with their media and the user's own content."""
    results = [block for block in turn.blocks if block["type"] == "tool_result"]
    messages: list[Json] = []
    parts: list[Json] = []
    for result in results:
        text, media = _result(result, adaptation)
        call_id = tool_id(result["tool_use_id"])
        messages.append({"role": "tool", "tool_call_id": call_id, "content": text})
        if media:
            adaptation.note("media of tool results moved to a user message")
            parts += [{"type": "text", "text": f"From the tool call {call_id}:"}, *media]
    parts += encode_parts(turn.blocks[len(results) :], adaptation)
    if parts:
        messages.append({"role": "user", "content": _plain(parts)})
    return messages


def _result(result: Json, adaptation: Adaptation) -> tuple[str, list[Json]]:
    """Return a tool result's text, marked if it is an error, and the media beside it."""
    note_marks(result, adaptation)
    parts = encode_parts(content_blocks(result.get("content")), adaptation)
    text = "\n".join(part["text"] for part in parts if part["type"] == "text")
    media = [part for part in parts if part["type"] != "text"]
    if media and not text:
        text = "(attached below)"
    if result.get("is_error"):
        text = f"[error] {text}"
    return text, media


def _assistant(turn: Turn, model: Model, adaptation: Adaptation) -> list[Json]:
    texts: list[str] = []
    calls: list[Json] = []
    reasoning: list[str] = []
    for block in turn.blocks:
        kind = block["type"]
        note_marks(block, adaptation)
        if kind == "text":
            texts.append(block["text"])
        elif kind == "tool_use":
            calls.append(_call(block))
        elif kind == "thinking" and not block.get("signature") and keeps_reasoning(model):
            reasoning.append(str(block.get("thinking", "")))
        elif kind in ("thinking", "redacted_thinking"):
            adaptation.note(f"{kind} blocks removed")
        elif kind in ("server_tool_use", "mcp_tool_use") or kind.endswith("_tool_result"):
            adaptation.note("server tool history removed")
        else:
            adaptation.refuse(f"a {kind} block can't be sent to this provider")
    if not texts and not calls:
        return []
    message: Json = {"role": "assistant", "content": "".join(texts) or None}
    if calls:
        message["tool_calls"] = calls
    return [complete(message, "".join(reasoning), model)]


def _call(block: Json) -> Json:
    function = {"name": block["name"], "arguments": encode_arguments(block["input"])}
    return {"id": tool_id(block["id"]), "type": "function", "function": function}


def _plain(parts: list[Json]) -> Any:
    """Return a single text as a string, which every provider reads."""
    return parts[0]["text"] if len(parts) == 1 and parts[0]["type"] == "text" else parts
