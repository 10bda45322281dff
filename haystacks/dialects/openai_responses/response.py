"""Whole answers: a response and the canonical message."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import orjson

from haystacks.classify import from_event
from haystacks.dialect import Json, TokenEstimate
from haystacks.dialects.block_stream import BlockStream
from haystacks.dialects.citations import encode_citations
from haystacks.dialects.event_content import content_of
from haystacks.dialects.openai_chat.usage import estimated_usage
from haystacks.dialects.openai_responses.declared_tools import DeclaredTool, declared_tools
from haystacks.dialects.openai_responses.envelope import envelope
from haystacks.dialects.openai_responses.ids import item_id, message_id, response_id
from haystacks.dialects.openai_responses.output_items import (
    call_item,
    message_item,
    reasoning_item,
    redacted_item,
)
from haystacks.dialects.openai_responses.stop_reason import incomplete_reason, stop_reason
from haystacks.dialects.openai_responses.streamed_items import StreamedItems
from haystacks.dialects.openai_responses.usage import decode_usage, encode_usage
from haystacks.errors import BadAnswer

_ENDED: Final = (None, "completed", "incomplete")

# -- From an upstream


def decode_response(body: Any, estimate: TokenEstimate) -> Json:
    """Return the canonical message.

    Raises ``BadAnswer`` for what is no response or has not ended, and
    ``UpstreamStatus`` for an error that came with a good status.
    """
    _check(body)
    blocks = BlockStream()
    items = StreamedItems(blocks)
    content = content_of(items.add_all(body["output"]) + blocks.close())
    usage = body.get("usage")
    if usage and isinstance(usage, dict):
        counted = decode_usage(usage)
    else:
        counted = estimated_usage(estimate.input(), estimate.text(blocks.output()))
    identity = body.get("id") or sha256(orjson.dumps(body)).hexdigest()[:24]
    return {
        "id": message_id(str(identity)),
        "type": "message",
        "role": "assistant",
        "model": body.get("model") or "",
        "content": content,
        "stop_reason": stop_reason(body, calls=blocks.calls, refused=items.refused),
        "stop_sequence": None,
        "usage": counted,
    }


def _check(body: Any) -> None:
    failure = from_event(body) if isinstance(body, dict) else None
    if failure is not None:
        raise failure
    if not isinstance(body, dict) or not isinstance(body.get("output"), list):
        raise BadAnswer("the upstream answered with something that is no response")
    if body.get("status") not in _ENDED:
        raise BadAnswer(f"the upstream's response is {body['status']}")


# -- Towards a client


def encode_response(
    message: Json, request: Json, *, clock: Callable[[], float] = time.time
) -> Json:
    """Return the response of a canonical message; ``clock`` tells when it was created."""
    identity = response_id(message.get("id", ""))
    tools = declared_tools(request)
    output = [
        _item(block, tools, identity, index)
        for index, block in enumerate(_told(message["content"]))
    ]
    incomplete = incomplete_reason(message.get("stop_reason"))
    return {
        **envelope(request, identity, message.get("model", ""), int(clock())),
        "status": "incomplete" if incomplete else "completed",
        "incomplete_details": {"reason": incomplete} if incomplete else None,
        "output": output,
        "usage": encode_usage(message.get("usage") or {}),
    }


def _told(content: list[Json]) -> list[Json]:
    """Return the blocks that a response has a form for; text that stands together is one."""
    told: list[Json] = []
    for block in content:
        match block["type"]:
            case "text" if told and told[-1]["type"] == "text":
                told[-1] = _joined(told[-1], block)
            case "text":
                told.append(_joined({"text": "", "annotations": []}, block))
            case "thinking" if not block["thinking"] and not block.get("signature"):
                continue
            case "thinking" | "redacted_thinking" | "tool_use":
                told.append(block)
    return told


def _joined(before: Json, block: Json) -> Json:
    """Return a text with the next one behind it, and what both of them cite."""
    text = before["text"] + block["text"]
    cited = encode_citations(block.get("citations"), len(before["text"]), len(text))
    return {"type": "text", "text": text, "annotations": before["annotations"] + cited}


def _item(block: Json, tools: dict[str, DeclaredTool], identity: str, index: int) -> Json:
    match block["type"]:
        case "text":
            message = item_id("msg", identity, index)
            return message_item(message, block["text"], block["annotations"])
        case "thinking":
            signature = block.get("signature") or ""
            return reasoning_item(item_id("rs", identity, index), block["thinking"], signature)
        case "redacted_thinking":
            return redacted_item(item_id("rs", identity, index), block["data"])
    tool = tools.get(block["name"]) or DeclaredTool(block["name"])
    return call_item(item_id(tool.prefix, identity, index), block, tool)
