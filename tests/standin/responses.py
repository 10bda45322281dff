"""OpenAI's Responses, from the provider's side; written apart from the code under test."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from tests.standin.said import Said, ToolCall, pieces, words
from tests.standin.wire import Json

_INCOMPLETE = {"max_tokens": "max_output_tokens", "refusal": "content_filter"}


def whole(said: Said, asked: Json) -> Json:
    reason = _INCOMPLETE.get(said.stop_reason)
    return _begun(said, asked) | {
        "status": "incomplete" if reason else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
        "output": list(_items(said, asked)),
        "usage": _usage(said),
    }


def frames(said: Said, asked: Json) -> Iterator[bytes]:
    """Yield the answer's server-sent events, one each, numbered from 0."""
    for number, event in enumerate(_events(said, asked)):
        yield _frame(event | {"sequence_number": number})


def error(kind: str, message: str) -> Json:
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def error_frame(kind: str, message: str) -> bytes:
    failed = {"id": "resp_standin", "object": "response", "status": "failed", "output": []}
    told = {"code": kind, "message": message}
    return _frame({"type": "response.failed", "response": failed | {"error": told}})


def _events(said: Said, asked: Json) -> Iterator[Json]:
    yield {"type": "response.created", "response": _begun(said, asked)}
    yield {"type": "response.in_progress", "response": _begun(said, asked)}
    for index, item in enumerate(_items(said, asked)):
        for event in _item_events(item):
            yield event | {"output_index": index}
    ended = whole(said, asked)
    yield {"type": f"response.{ended['status']}", "response": ended}


def _item_events(item: Json) -> Iterator[Json]:
    empty = {"message": "content", "reasoning": "summary"}.get(item["type"])
    begun = {**item, empty: []} if empty else item | _no_arguments(item)
    begun.pop("encrypted_content", None)
    yield {"type": "response.output_item.added", "item": begun}
    place = {"item_id": item["id"]}
    match item["type"]:
        case "message":
            part = item["content"][0]
            place["content_index"] = 0
            empty_part = part | {"text": ""}
            yield {"type": "response.content_part.added", **place, "part": empty_part}
            for word in words(part["text"]):
                told = {"delta": word, "logprobs": []}
                yield {"type": "response.output_text.delta", **place, **told}
            told = {"text": part["text"], "logprobs": []}
            yield {"type": "response.output_text.done", **place, **told}
            yield {"type": "response.content_part.done", **place, "part": part}
        case "reasoning":
            part = item["summary"][0]
            place["summary_index"] = 0
            empty_part = part | {"text": ""}
            yield {"type": "response.reasoning_summary_part.added", **place, "part": empty_part}
            for word in words(part["text"]):
                yield {"type": "response.reasoning_summary_text.delta", **place, "delta": word}
            told = {"text": part["text"]}
            yield {"type": "response.reasoning_summary_text.done", **place, **told}
            yield {"type": "response.reasoning_summary_part.done", **place, "part": part}
        case "function_call":
            for piece in pieces(item["arguments"]):
                yield {"type": "response.function_call_arguments.delta", **place, "delta": piece}
            told = {"name": item["name"], "arguments": item["arguments"]}
            yield {"type": "response.function_call_arguments.done", **place, **told}
        case "custom_tool_call":
            for piece in pieces(item["input"]):
                yield {"type": "response.custom_tool_call_input.delta", **place, "delta": piece}
            yield {"type": "response.custom_tool_call_input.done", **place, "input": item["input"]}
    yield {"type": "response.output_item.done", "item": item}


def _no_arguments(item: Json) -> Json:
    name = "arguments" if item["type"] == "function_call" else "input"
    return {"status": "in_progress", name: ""}


def _items(said: Said, asked: Json) -> Iterator[Json]:
    if said.thinking:
        summary = [{"type": "summary_text", "text": said.thinking}]
        item = {"type": "reasoning", "id": "rs_standin", "summary": summary}
        wants = "reasoning.encrypted_content" in (asked.get("include") or ())
        yield item | ({"encrypted_content": said.signature} if wants else {})
    if said.text:
        part = {"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}
        head = {"type": "message", "id": "msg_standin", "role": "assistant"}
        yield head | {"status": "completed", "content": [part]}
    for index, call in enumerate(said.calls):
        yield _call(call, index, asked)


def _call(call: ToolCall, index: int, asked: Json) -> Json:
    """Return the call as the tool was declared: with JSON, or with the text of its ``input``."""
    named = {"call_id": call.id, "name": call.name, "status": "completed"}
    if call.name in _custom(asked):
        text = call.input["input"]
        return {"type": "custom_tool_call", "id": f"ctc_standin_{index}", **named, "input": text}
    arguments = orjson.dumps(call.input).decode()
    return {"type": "function_call", "id": f"fc_standin_{index}", **named, "arguments": arguments}


def _custom(asked: Json) -> set[str]:
    """Return the names of the tools that take free text, wherever they were declared."""
    found: set[str] = set()
    declared = list(asked.get("tools") or ())
    if isinstance(asked.get("input"), list):
        declared += [item for item in asked["input"] if item.get("type") == "additional_tools"]
    while declared:
        tool = declared.pop()
        declared += tool.get("tools") or ()
        if tool["type"] == "custom":
            found.add(tool["name"])
    return found


def _begun(said: Said, asked: Json) -> Json:
    return {
        "id": "resp_standin",
        "object": "response",
        "created_at": 1_700_000_000,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": said.model or asked.get("model", ""),
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": asked.get("tools") or [],
        "usage": None,
    }


def _usage(said: Said) -> Json:
    prompt = said.input_tokens + said.cached_tokens
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": said.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": said.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": prompt + said.output_tokens,
    }


def _frame(event: Json) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), orjson.dumps(event))
