"""Whole answers: OpenAI's chat.completion and the canonical message."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import orjson

from haystacks.classify import from_event
from haystacks.dialect import Json, TokenEstimate
from haystacks.dialects.citations import decode_annotations, encode_citations, nested
from haystacks.dialects.openai_chat.arguments import decode_arguments, encode_arguments
from haystacks.dialects.openai_chat.ids import completion_id, message_id, tool_id
from haystacks.dialects.openai_chat.stop_reason import FAILED, finish_reason, stop_reason
from haystacks.dialects.openai_chat.usage import decode_usage, encode_usage, estimated_usage
from haystacks.errors import BadAnswer

# -- From an upstream


def decode_response(body: Any, estimate: TokenEstimate) -> Json:
    """Return the canonical message.

    Raises ``BadAnswer`` for what is no completion, and ``UpstreamStatus`` for an
    error that came with a good status. Arguments that are no JSON object are
    kept as text, see ``decode_arguments``.
    """
    choice, said = _first_choice(body)
    identity = body.get("id") or sha256(orjson.dumps(body)).hexdigest()[:24]
    content = _text_blocks(said) + _tool_blocks(said, str(identity))
    reason = stop_reason(
        choice.get("finish_reason"), tools=any(block["type"] == "tool_use" for block in content)
    )
    if reason == "end_turn" and said.get("refusal"):
        reason = "refusal"
    usage = body.get("usage")
    return {
        "id": message_id(str(identity)),
        "type": "message",
        "role": "assistant",
        "model": body.get("model") or "",
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": decode_usage(usage) if usage else _estimated(content, estimate),
    }


def _first_choice(body: Any) -> tuple[Json, Json]:
    if not isinstance(body, dict):
        raise BadAnswer("the upstream answered with something that is no completion")
    failure = from_event(body)
    if failure is not None:
        raise failure
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    said = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(said, dict):
        raise BadAnswer("the upstream answered with something that is no completion")
    if choice.get("finish_reason") in FAILED:
        raise BadAnswer(f"the upstream broke off: {choice['finish_reason']}")
    return choice, said


def _text_blocks(said: Json) -> list[Json]:
    thinking = said.get("reasoning_content") or said.get("reasoning") or ""
    content = said.get("content") or ""
    if isinstance(content, list):  # Mistral's form: parts of thinking and of text
        thinking = thinking or _joined(content, "thinking")
        content = _joined(content, "text")
    blocks: list[Json] = []
    if thinking:
        blocks.append({"type": "thinking", "thinking": str(thinking), "signature": ""})
    text = str(content) + (said.get("refusal") or "")
    if text:
        block: Json = {"type": "text", "text": text}
        if cited := decode_annotations(said.get("annotations")):
            block["citations"] = cited
        blocks.append(block)
    return blocks


def _joined(parts: list[Any], kind: str) -> str:
    found = (
        part.get(kind) for part in parts if isinstance(part, dict) and part.get("type") == kind
    )
    return "".join(
        _joined(piece, "text") if isinstance(piece, list) else str(piece) for piece in found
    )


def _tool_blocks(said: Json, identity: str) -> list[Json]:
    blocks: list[Json] = []
    for index, call in enumerate(said.get("tool_calls") or ()):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not function.get("name"):
            raise BadAnswer("the upstream answered with a tool call that names no function")
        blocks.append(
            {
                "type": "tool_use",
                "id": tool_id(call.get("id") or f"{identity}:{index}"),
                "name": function["name"],
                "input": decode_arguments(function.get("arguments")),
            }
        )
    return blocks


def _estimated(content: list[Json], estimate: TokenEstimate) -> Json:
    pieces = (
        block.get("text") or block.get("thinking") or encode_arguments(block["input"])
        for block in content
    )
    return estimated_usage(estimate.input(), sum(map(estimate.text, pieces)))


# -- Towards a client


def encode_response(
    message: Json, request: Json, *, clock: Callable[[], float] = time.time
) -> Json:
    """Return the chat.completion of a canonical message; ``clock`` tells when it was created."""
    del request  # nothing of it shows in an answer
    content = message["content"]
    text = "".join(block["text"] for block in content if block["type"] == "text")
    thinking = "".join(block["thinking"] for block in content if block["type"] == "thinking")
    calls = [
        {
            "id": tool_id(block["id"]),
            "type": "function",
            "function": {"name": block["name"], "arguments": encode_arguments(block["input"])},
        }
        for block in content
        if block["type"] == "tool_use"
    ]
    said: Json = {"role": "assistant", "content": text, "refusal": None}
    if thinking:
        said["reasoning_content"] = thinking
    if cited := _annotations(content):
        said["annotations"] = cited
    if calls:
        said |= {"content": text or None, "tool_calls": calls}
    reason = finish_reason(message.get("stop_reason"))
    choice = {"index": 0, "message": said, "logprobs": None, "finish_reason": reason}
    return {
        "id": completion_id(message.get("id", "")),
        "object": "chat.completion",
        "created": int(clock()),
        "model": message.get("model", ""),
        "choices": [choice],
        "usage": encode_usage(message.get("usage") or {}),
    }


def _annotations(content: list[Json]) -> list[Json]:
    """Return what the text of the message cites, each at the place of its block."""
    found: list[Json] = []
    end = 0
    for block in content:
        if block["type"] == "text":
            start, end = end, end + len(block["text"])
            found += encode_citations(block.get("citations"), start, end)
    return [nested(annotation) for annotation in found]
