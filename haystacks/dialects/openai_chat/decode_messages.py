"""OpenAI's messages -> a canonical system prompt and messages."""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.conversation import conversation, plain
from haystacks.dialects.openai_chat.arguments import decode_arguments
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.dialects.openai_chat.parts import decode_parts
from haystacks.dialects.turns import content_blocks
from haystacks.errors import BadRequest

_SYSTEM = ("system", "developer")


def decode_messages(messages: Any, adaptation: Adaptation) -> Json:
    """Return ``messages``, and ``system`` where the conversation opens with one.

    Later system messages stay where they are, with the role ``system``. Tool
    messages become the results that open the next user's message.
    """
    _check(messages)
    return conversation([_decode(message, adaptation) for message in messages])


def _check(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise BadRequest("messages must be a list of at least one message")
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise BadRequest(f"messages[{index}].role must be a string")
        _check_content(message.get("content"), f"messages[{index}].content")
        calls = message.get("tool_calls") or []
        if not isinstance(calls, list):
            raise BadRequest(f"messages[{index}].tool_calls must be a list")
        for call in calls:
            if not isinstance(call, dict) or not isinstance(call.get("id"), str):
                raise BadRequest(f"messages[{index}].tool_calls must each have an id")
        if message["role"] == "tool" and not isinstance(message.get("tool_call_id"), str):
            raise BadRequest(f"messages[{index}].tool_call_id must be a string")


def _check_content(content: Any, place: str) -> None:
    if content is None or isinstance(content, str):
        return
    if not isinstance(content, list):
        raise BadRequest(f"{place} must be a string or a list of parts")
    for index, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(kind, str):
            raise BadRequest(f"{place}[{index}].type must be a string")
        if kind == "text" and not isinstance(part.get("text"), str):
            raise BadRequest(f"{place}[{index}].text must be a string")
        if kind == "image_url":
            url = part.get("image_url")
            if not isinstance(url.get("url") if isinstance(url, dict) else url, str):
                raise BadRequest(f"{place}[{index}].image_url.url must be a string")


def _decode(message: Json, adaptation: Adaptation) -> Json:
    role = message["role"]
    blocks = decode_parts(message.get("content"), adaptation)
    if role in _SYSTEM:
        return {"role": "system", "content": blocks}
    if role == "user":
        return {"role": "user", "content": blocks}
    if role == "assistant":
        return {"role": "assistant", "content": _decode_assistant(message, blocks, adaptation)}
    if role == "tool":
        result: Json = {
            "type": "tool_result",
            "tool_use_id": tool_id(message["tool_call_id"]),
            "content": plain(content_blocks(blocks)),
        }
        return {"role": "user", "content": [result]}
    adaptation.refuse(f"a message with the role {role} is not supported")
    return {"role": "user", "content": blocks}


def _decode_assistant(message: Json, blocks: list[Json], adaptation: Adaptation) -> list[Json]:
    if message.get("function_call"):
        adaptation.refuse("function_call is not supported: use tool_calls")
    if isinstance(message.get("refusal"), str):
        blocks.append({"type": "text", "text": message["refusal"]})
    if message.get("annotations"):
        adaptation.note("citations dropped")
    reasoning = message.get("reasoning_content")
    if isinstance(reasoning, str) and reasoning:
        blocks.insert(0, {"type": "thinking", "thinking": reasoning, "signature": ""})
    for call in message.get("tool_calls") or ():
        function = call.get("function")
        if not isinstance(function, dict):
            adaptation.refuse(f"a tool call of type {call.get('type')} is not supported")
            continue
        blocks.append(
            {
                "type": "tool_use",
                "id": tool_id(call["id"]),
                "name": str(function.get("name")),
                "input": decode_arguments(function.get("arguments")),
            }
        )
    return blocks
