"""OpenAI's chat completions, from the provider's side; written apart from the code under test."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from tests.standin.said import Said, ToolCall, pieces, words
from tests.standin.wire import Json

_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "refusal": "content_filter",
}


def whole(said: Said, asked: Json) -> Json:
    message: Json = {"role": "assistant", "content": said.text or None, "refusal": None}
    if said.thinking:
        message["reasoning_content"] = said.thinking
    if said.calls:
        message["tool_calls"] = [_call(call) for call in said.calls]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(said)}
    return _envelope(said, asked, "chat.completion", [choice]) | {"usage": _usage(said)}


def frames(said: Said, asked: Json) -> Iterator[bytes]:
    """Yield the answer's server-sent events, one each; usage only where it was asked for."""

    def frame(delta: Json, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _frame(_envelope(said, asked, "chat.completion.chunk", [choice]))

    yield frame({"role": "assistant", "content": ""})
    for word in words(said.thinking):
        yield frame({"reasoning_content": word})
    for word in words(said.text):
        yield frame({"content": word})
    for index, call in enumerate(said.calls):
        opened = _call(call)
        arguments = opened["function"].pop("arguments")
        opened["function"]["arguments"] = ""
        yield frame({"tool_calls": [{"index": index, **opened}]})
        for piece in pieces(arguments):
            yield frame({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield frame({}, _finish(said))
    if (asked.get("stream_options") or {}).get("include_usage"):
        last = _envelope(said, asked, "chat.completion.chunk", [])
        yield _frame(last | {"usage": _usage(said)})
    yield b"data: [DONE]\n\n"


def error(kind: str, message: str) -> Json:
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def error_frame(kind: str, message: str) -> bytes:
    return _frame(error(kind, message))


def _envelope(said: Said, asked: Json, kind: str, choices: list[Json]) -> Json:
    return {
        "id": "chatcmpl-standin",
        "object": kind,
        "created": 1_700_000_000,
        "model": said.model or asked.get("model", ""),
        "choices": choices,
    }


def _call(call: ToolCall) -> Json:
    arguments = orjson.dumps(call.input).decode()
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id, "type": "function", "function": function}


def _finish(said: Said) -> str:
    return _FINISH[said.stop_reason]


def _usage(said: Said) -> Json:
    prompt = said.input_tokens + said.cached_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": said.output_tokens,
        "total_tokens": prompt + said.output_tokens,
        "prompt_tokens_details": {"cached_tokens": said.cached_tokens},
    }


def _frame(event: Json) -> bytes:
    return b"data: %b\n\n" % orjson.dumps(event)
