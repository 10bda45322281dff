"""Ollama's whole answer -> the canonical message."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson

from haystacks.classify import from_event
from haystacks.dialect import Json, TokenEstimate
from haystacks.dialects.ollama import answer
from haystacks.dialects.openai_chat.arguments import encode_arguments
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.errors import BadAnswer


def decode_response(body: Any, estimate: TokenEstimate) -> Json:
    """Return the canonical message; its id and those of its calls are made from the answer.

    Raises ``BadAnswer`` for what is no answer, and ``UpstreamStatus`` for an
    error that came with a good status.
    """
    if not isinstance(body, dict):
        raise BadAnswer("the upstream answered with something that is no message")
    failure = from_event(body)
    if failure is not None:
        raise failure
    said = answer.said(body)
    identity = sha256(orjson.dumps(body)).hexdigest()[:24]
    content: list[Json] = []
    if thinking := answer.text(said, "thinking"):
        content.append({"type": "thinking", "thinking": thinking, "signature": ""})
    if text := answer.text(said, "content"):
        content.append({"type": "text", "text": text})
    written = thinking + text
    calls = answer.calls(said)
    for index, (call_id, name, arguments) in enumerate(calls):
        made = tool_id(call_id or f"{identity}:{index}")
        content.append({"type": "tool_use", "id": made, "name": name, "input": arguments})
        written += name + encode_arguments(arguments)
    model = body.get("model")
    return {
        "id": f"msg_{identity}",
        "type": "message",
        "role": "assistant",
        "model": model if isinstance(model, str) else "",
        "content": content,
        "stop_reason": answer.ended(body, tools=bool(calls)),
        "stop_sequence": None,
        "usage": answer.usage(body, estimate, written),
    }
