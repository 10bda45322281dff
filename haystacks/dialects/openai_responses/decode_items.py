"""The input of a response -> a canonical system prompt and messages."""

from __future__ import annotations

from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.conversation import conversation, plain
from haystacks.dialects.openai_chat.arguments import decode_arguments
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.dialects.openai_responses.custom_input import wrap
from haystacks.dialects.openai_responses.declared_tools import (
    SEARCH,
    declared_tools,
    flat_name,
    runs_at_client,
)
from haystacks.dialects.openai_responses.parts import decode_parts
from haystacks.dialects.openai_responses.reasoning import decode_reasoning
from haystacks.dialects.turns import content_blocks
from haystacks.errors import BadRequest

_ROLES: Final = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "system",
}
_ELSEWHERE: Final = ("conversation", "previous_response_id", "prompt")
"""What may stand for an input, and is refused by name where it must be translated."""

_SERVER_HISTORY: Final = (
    "code_interpreter_call",
    "file_search_call",
    "image_generation_call",
    "mcp_call",
    "mcp_list_tools",
    "tool_search_call",
    "tool_search_output",
    "web_search_call",
)


def decode_items(body: Json, adaptation: Adaptation) -> Json:
    """Return ``messages``, and ``system`` where the conversation opens with one.

    The instructions come first; what developers say later stays where it is,
    with the role ``system``. Raises ``BadRequest`` with the place of what is malformed.
    """
    instructions = body.get("instructions")
    if not isinstance(instructions, str | None):
        raise BadRequest("instructions must be a string")
    messages = [_message("system", [{"type": "text", "text": instructions or ""}])]
    for index, item in enumerate(_items(body)):
        message = _decode_item(item, adaptation, f"input[{index}]")
        if message:
            messages.append(message)
    return conversation(messages)


def _items(body: Json) -> list[Any]:
    items = body.get("input")
    if isinstance(items, str) and items:
        return [{"role": "user", "content": items}]
    if not items and any(body.get(name) for name in _ELSEWHERE):
        return []
    if not isinstance(items, list) or not items:
        raise BadRequest("input must be a string or a list of at least one item")
    return items


def _decode_item(item: Any, adaptation: Adaptation, place: str) -> Json | None:
    kind = item.get("type") or "message" if isinstance(item, dict) else None
    match kind:
        case "message":
            return _decode_message(item, adaptation, place)
        case "function_call":
            return _decode_call(item, decode_arguments(item.get("arguments")), place)
        case "custom_tool_call":
            return _decode_call(item, wrap(_text(item, "input", place)), place)
        case "function_call_output" | "custom_tool_call_output":
            return _decode_result(item, adaptation, place)
        case "tool_search_call" if runs_at_client(item):
            return _decode_call(
                {**item, "name": SEARCH}, decode_arguments(item.get("arguments")), place
            )
        case "tool_search_output" if runs_at_client(item):
            return _decode_result({**item, "output": _found(item)}, adaptation, place)
        case "reasoning":
            block = decode_reasoning(item)
            return _message("assistant", [block]) if block else None
        case "additional_tools":
            return None  # they are declared beside all others
        case "configuration_update":
            adaptation.note("configuration_update dropped")
            return None
        case str() if kind in _SERVER_HISTORY:
            adaptation.note("server tool history removed")
            return None
        case str():
            adaptation.refuse(f"an item of type {kind} is not supported")
            return None
    raise BadRequest(f"{place} must be an object whose type is a string")


def _message(role: str, blocks: list[Json]) -> Json:
    return {"role": role, "content": blocks}


def _text(item: Json, name: str, place: str) -> str:
    text = item.get(name)
    if not isinstance(text, str):
        raise BadRequest(f"{place}.{name} must be a string")
    return text


def _decode_message(item: Json, adaptation: Adaptation, place: str) -> Json:
    role = _text(item, "role", place)
    blocks = decode_parts(item.get("content"), adaptation, f"{place}.content")
    if role not in _ROLES:
        adaptation.refuse(f"a message with the role {role} is not supported")
    return _message(_ROLES.get(role, "user"), blocks)


def _decode_call(item: Json, arguments: Json, place: str) -> Json:
    block = {
        "type": "tool_use",
        "id": tool_id(_text(item, "call_id", place)),
        "name": flat_name(_text(item, "name", place), item.get("namespace")),
        "input": arguments,
    }
    return _message("assistant", [block])


def _decode_result(item: Json, adaptation: Adaptation, place: str) -> Json:
    blocks = decode_parts(item.get("output"), adaptation, f"{place}.output")
    result = {
        "type": "tool_result",
        "tool_use_id": tool_id(_text(item, "call_id", place)),
        "content": plain(content_blocks(blocks)),
    }
    return _message("user", [result])


def _found(search: Json) -> str:
    """Return what a client's search found, under the names that the tools now have."""
    names = ", ".join(declared_tools({"tools": search.get("tools")}))
    return f"These tools can be called now: {names}" if names else "No tool was found."
