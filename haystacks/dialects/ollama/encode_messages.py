"""Canonical system prompt and messages -> Ollama's messages.

They are OpenAI's, with three differences: pictures stand beside the text, a
tool's arguments are an object, and a result names the tool instead of the call.
So the order alone tells which of two calls of one tool a result belongs to.
"""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.block_marks import note_marks
from haystacks.dialects.openai_chat.encode_messages import encode_system, encode_user
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.dialects.turns import Turn, content_blocks, turns

Calls = dict[str, tuple[int, str]]  # by its id, the place and the tool of each call so far


def encode_messages(canonical: Json, adaptation: Adaptation) -> list[Json]:
    """Return the messages, the system prompt first; none is without content."""
    messages = encode_system(content_blocks(canonical.get("system")), adaptation)
    if any("output_config" in message for message in canonical["messages"]):
        adaptation.note("output_config of a message dropped")
    found = turns(canonical["messages"])
    if not found:
        adaptation.refuse("every message is empty")
    calls: Calls = {}
    for turn in found:
        if turn.role == "user":
            turn.blocks.sort(key=lambda block: _place(block, calls))
            messages += [
                _renamed(message, calls, adaptation) for message in encode_user(turn, adaptation)
            ]
        elif turn.role == "assistant":
            messages += _assistant(turn, calls, adaptation)
        else:
            messages += encode_system(turn.blocks, adaptation)
    return messages


def _place(block: Json, calls: Calls) -> int:
    """Return the place of the call that a result belongs to; of all else, one behind them."""
    call = calls.get(tool_id(block["tool_use_id"])) if block["type"] == "tool_result" else None
    return call[0] if call else len(calls)


def _renamed(message: Json, calls: Calls, adaptation: Adaptation) -> Json:
    """Return a user's or a tool's message of OpenAI's in Ollama's form."""
    if message["role"] == "tool":
        call = calls.get(message["tool_call_id"])
        result = {"role": "tool", "content": message["content"]}
        return {**result, "tool_name": call[1]} if call else result
    parts: Any = message["content"]
    if isinstance(parts, str):
        return message
    texts = [part["text"] for part in parts if part["type"] == "text"]
    images = [
        image for part in parts if part["type"] != "text" for image in _image(part, adaptation)
    ]
    said = {"role": "user", "content": "\n\n".join(texts)}
    return {**said, "images": images} if images else said


def _image(part: Json, adaptation: Adaptation) -> list[str]:
    """Return the base64 text of a picture; what Ollama does not open is refused."""
    if part["type"] != "image_url":
        adaptation.refuse("a PDF can't be sent to this provider")
        return []
    head, base64, data = part["image_url"]["url"].partition(";base64,")
    if base64 and head.startswith("data:"):
        return [data]
    adaptation.refuse("an image url can't be sent to this provider: send the image itself")
    return []


def _assistant(turn: Turn, calls: Calls, adaptation: Adaptation) -> list[Json]:
    """Return what the assistant said, with the thoughts that are no other provider's secret."""
    texts: list[str] = []
    thoughts: list[str] = []
    called: list[Json] = []
    for block in turn.blocks:
        kind = block["type"]
        note_marks(block, adaptation)
        if kind == "text":
            texts.append(block["text"])
        elif kind == "tool_use":
            calls[tool_id(block["id"])] = len(calls), block["name"]
            called.append({"function": {"name": block["name"], "arguments": block["input"]}})
        elif kind == "thinking" and not block.get("signature"):
            thoughts.append(str(block.get("thinking", "")))
        elif kind in ("thinking", "redacted_thinking"):
            adaptation.note(f"{kind} blocks removed")
        elif kind in ("server_tool_use", "mcp_tool_use") or kind.endswith("_tool_result"):
            adaptation.note("server tool history removed")
        else:
            adaptation.refuse(f"a {kind} block can't be sent to this provider")
    if not texts and not called:
        return []
    message: Json = {"role": "assistant", "content": "".join(texts)}
    if thoughts:
        message["thinking"] = "".join(thoughts)
    if called:
        message["tool_calls"] = called
    return [message]
