"""Anthropic's Messages, from the provider's side; written apart from the code under test."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from tests.standin.said import Said, pieces, words
from tests.standin.wire import Json


def whole(said: Said, asked: Json) -> Json:
    return _message(said, asked) | {"content": list(_blocks(said))}


def frames(said: Said, asked: Json) -> Iterator[bytes]:
    """Yield the answer's server-sent events, one each."""
    start = _message(said, asked) | {"stop_reason": None}
    start["usage"] = _usage(said) | {"output_tokens": 1}
    yield _frame({"type": "message_start", "message": start})
    for index, block in enumerate(_blocks(said)):
        empty, deltas = _deltas(block)
        yield _frame({"type": "content_block_start", "index": index, "content_block": empty})
        for delta in deltas:
            yield _frame({"type": "content_block_delta", "index": index, "delta": delta})
        yield _frame({"type": "content_block_stop", "index": index})
    ending = {"stop_reason": said.stop_reason, "stop_sequence": None}
    yield _frame({"type": "message_delta", "delta": ending, "usage": _usage(said)})
    yield _frame({"type": "message_stop"})


def error(kind: str, message: str) -> Json:
    return {"type": "error", "error": {"type": kind, "message": message}}


def error_frame(kind: str, message: str) -> bytes:
    return _frame(error(kind, message))


def _message(said: Said, asked: Json) -> Json:
    return {
        "id": "msg_standin",
        "type": "message",
        "role": "assistant",
        "model": said.model or asked.get("model", ""),
        "content": [],
        "stop_reason": said.stop_reason,
        "stop_sequence": None,
        "usage": _usage(said),
    }


def _usage(said: Said) -> Json:
    return {
        "input_tokens": said.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": said.cached_tokens,
        "output_tokens": said.output_tokens,
    }


def _blocks(said: Said) -> Iterator[Json]:
    if said.thinking:
        yield {"type": "thinking", "thinking": said.thinking, "signature": said.signature}
    if said.text:
        yield {"type": "text", "text": said.text}
    for call in said.calls:
        yield {"type": "tool_use", "id": call.id, "name": call.name, "input": call.input}


def _deltas(block: Json) -> tuple[Json, list[Json]]:
    if block["type"] == "text":
        said = [{"type": "text_delta", "text": word} for word in words(block["text"])]
        return {**block, "text": ""}, said
    if block["type"] == "thinking":
        thought = [{"type": "thinking_delta", "thinking": w} for w in words(block["thinking"])]
        signed = {"type": "signature_delta", "signature": block["signature"]}
        return {**block, "thinking": "", "signature": ""}, [*thought, signed]
    arguments = pieces(orjson.dumps(block["input"]).decode())
    written = [{"type": "input_json_delta", "partial_json": piece} for piece in arguments]
    return {**block, "input": {}}, written


def _frame(event: Json) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), orjson.dumps(event))
