"""Canonical content blocks as the output items of a response.

An item's id is made from the answer's id and its place, so that a stream and a
whole answer name it alike.
"""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Json
from haystacks.dialects.openai_chat.arguments import encode_arguments
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.dialects.openai_responses.custom_input import unwrap
from haystacks.dialects.openai_responses.declared_tools import DeclaredTool, ToolKind
from haystacks.dialects.openai_responses.reasoning import seal, seal_redacted

_CALLS: Final[dict[ToolKind, str]] = {
    "function": "function_call",
    "custom": "custom_tool_call",
    "tool_search": "tool_search_call",
}


def message_item(item_id: str, text: str, annotations: list[Json]) -> Json:
    """Return a text block as an assistant's message, whole."""
    return {
        "id": item_id,
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [text_part(text, annotations)],
    }


def text_part(text: str, annotations: list[Json]) -> Json:
    """Return the one part of a message."""
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}


def reasoning_item(item_id: str, thinking: str, signature: str) -> Json:
    """Return a thinking block; sealed, it comes back with the next request.

    Unsigned thinking is sealed too: OpenAI would look for what is not.
    """
    item: Json = {
        "id": item_id,
        "type": "reasoning",
        "summary": [summary_part(thinking)] if thinking else [],
    }
    if thinking or signature:
        item["encrypted_content"] = seal(signature, thinking)
    return item


def redacted_item(item_id: str, data: str) -> Json:
    """Return thinking that only its provider can read."""
    sealed = seal_redacted(data)
    return {"id": item_id, "type": "reasoning", "summary": [], "encrypted_content": sealed}


def summary_part(text: str) -> Json:
    """Return the one part of a reasoning item."""
    return {"type": "summary_text", "text": text}


def call_item(item_id: str, block: Json, tool: DeclaredTool) -> Json:
    """Return a tool call as the client declared that tool."""
    item: Json = {
        "id": item_id,
        "type": _CALLS[tool.kind],
        "status": "completed",
        "call_id": tool_id(block["id"]),
    }
    match tool.kind:
        case "tool_search":
            return {**item, "execution": "client", "arguments": block["input"]}
        case "custom":
            item |= {"name": tool.name, "input": unwrap(block["input"])}
        case "function":
            item |= {"name": tool.name, "arguments": encode_arguments(block["input"])}
    if tool.namespace:
        item["namespace"] = tool.namespace
    return item
