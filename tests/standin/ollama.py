"""Ollama's /api/chat, from the provider's side; written apart from the code under test."""

from __future__ import annotations

import time
from collections.abc import Iterator

import orjson

from tests.standin.said import Said, ToolCall, words
from tests.standin.wire import Json


def whole(said: Said, asked: Json) -> Json:
    message: Json = {"role": "assistant", "content": said.text}
    if said.thinking:
        message["thinking"] = said.thinking
    if said.calls:
        message["tool_calls"] = [_call(call) for call in said.calls]
    return _envelope(said, asked, message) | _end(said)


def frames(said: Said, asked: Json) -> Iterator[bytes]:
    """Yield the answer's lines, one each; a tool call comes whole."""

    def line(message: Json) -> bytes:
        said_now = {"role": "assistant", "content": "", **message}
        return _line(_envelope(said, asked, said_now) | {"done": False})

    for word in words(said.thinking):
        yield line({"thinking": word})
    for word in words(said.text):
        yield line({"content": word})
    for call in said.calls:
        yield line({"tool_calls": [_call(call)]})
    last = {"role": "assistant", "content": ""}
    yield _line(_envelope(said, asked, last) | _end(said))


def error(kind: str, message: str) -> Json:
    return {"error": message}


def error_frame(kind: str, message: str) -> bytes:
    return _line(error(kind, message))


def _envelope(said: Said, asked: Json, message: Json) -> Json:
    now = time.time_ns()
    created = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9))
    return {
        "model": said.model or asked.get("model", ""),
        "created_at": f"{created}.{now % 10**9:09}Z",
        "message": message,
    }


def _end(said: Said) -> Json:
    return {
        "done": True,
        "done_reason": "length" if said.stop == "max_tokens" else "stop",
        "total_duration": 1_000_000,
        "prompt_eval_count": said.input_tokens + said.cached_tokens,
        "eval_count": said.output_tokens,
    }


def _call(call: ToolCall) -> Json:
    return {"function": {"name": call.name, "arguments": call.input}}


def _line(event: Json) -> bytes:
    return orjson.dumps(event) + b"\n"
