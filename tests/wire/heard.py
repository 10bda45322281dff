"""What a client makes of an answer, whole or streamed, in whichever dialect it speaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from tests.haystacks.dialects.event_order import told
from tests.wire import heard_response

Json = dict[str, Any]

_STOPS = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "length": "max_tokens",
    "content_filter": "refusal",
}


@dataclass(slots=True)
class Heard:
    """An answer in the canonical words; ``calls`` are names and arguments, ``kinds`` the blocks.

    ``events`` are those of a stream, without the pings, which are only counted.
    """

    status: int
    headers: httpx.Headers
    raw: str = field(repr=False)
    events: list[Json] = field(default_factory=list, repr=False)
    pings: int = 0
    text: str = ""
    thinking: str = ""
    calls: list[tuple[str, Json]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    stop: str = ""
    input: int = 0
    output: int = 0
    cached: int = 0
    error: str = ""
    message: str = ""

    @property
    def adapted(self) -> str:
        """What the translation could not keep."""
        return str(self.headers.get("x-rolegraph-adapted", ""))


def hear(answer: httpx.Response) -> Heard:
    """Read an answer of any client's dialect. Fails on any disorder."""
    heard = Heard(answer.status_code, answer.headers, answer.text)
    if "event-stream" not in answer.headers.get("content-type", ""):
        _hear_whole(heard, answer.json())
        return heard
    frames = [frame.splitlines() for frame in answer.text.split("\n\n") if frame]
    for lines in frames:
        data = lines[-1].removeprefix("data: ")
        event = orjson.loads(data) if data.startswith("{") else {"type": data}
        if event.get("type") in {"ping", ": ping"}:
            heard.pings += 1
        else:
            heard.events.append(event)
    if heard.events[0].get("type") == "response.created":
        _hear_response(heard, heard_response.final(heard.events))
    elif "message_start" in answer.text:
        _hear_events(heard)
    else:
        _hear_chunks(heard)
    return heard


def _hear_whole(heard: Heard, body: Json) -> None:
    if body.get("object") == "response":
        _hear_response(heard, body)
    elif "error" in body:
        _hear_error(heard, body["error"])
    elif "choices" in body:
        choice = body["choices"][0]
        _hear_choice(heard, choice["message"], choice["finish_reason"], body["usage"])
    else:
        _hear_message(heard, body)


def _hear_events(heard: Heard) -> None:
    last = heard.events[-1]
    if last["type"] == "error":
        _hear_error(heard, last["error"])
        return
    message = told(heard.events)
    for block in message["content"]:
        if block["type"] == "tool_use":
            block["input"] = orjson.loads(block["input"] or "{}")
    _hear_message(heard, message)


def _hear_message(heard: Heard, message: Json) -> None:
    blocks: list[Json] = message["content"]
    heard.kinds = [block["type"] for block in blocks]
    heard.text = "".join(block["text"] for block in blocks if block["type"] == "text")
    heard.thinking = "".join(block["thinking"] for block in blocks if block["type"] == "thinking")
    heard.calls = [(b["name"], b["input"]) for b in blocks if b["type"] == "tool_use"]
    heard.stop = message["stop_reason"]
    usage = message["usage"]
    heard.input, heard.output = usage["input_tokens"], usage["output_tokens"]
    heard.cached = usage.get("cache_read_input_tokens", 0)


def _hear_chunks(heard: Heard) -> None:
    if "error" in heard.events[-1]:
        _hear_error(heard, heard.events[-1]["error"])
        return
    assert heard.events[-1] == {"type": "[DONE]"}
    choices = [event["choices"][0] for event in heard.events if event.get("choices")]
    usages = [event["usage"] for event in heard.events if event.get("usage")]
    said: Json = {"content": "", "reasoning_content": "", "tool_calls": {}}
    for delta in (choice["delta"] for choice in choices):
        for name in ("content", "reasoning_content"):
            said[name] += delta.get(name) or ""
        for piece in delta.get("tool_calls", ()):
            call = said["tool_calls"].setdefault(piece["index"], {"name": "", "arguments": ""})
            for name in call:
                call[name] += piece["function"].get(name) or ""
    said["tool_calls"] = [{"function": call} for call in said["tool_calls"].values()]
    finish = next(choice["finish_reason"] for choice in choices if choice["finish_reason"])
    _hear_choice(heard, said, finish, usages[-1] if usages else {})


def _hear_choice(heard: Heard, said: Json, finish: str, usage: Json) -> None:
    calls: Iterable[Json] = said.get("tool_calls") or ()
    heard.text, heard.thinking = said["content"] or "", said.get("reasoning_content") or ""
    heard.calls = [
        (call["function"]["name"], orjson.loads(call["function"]["arguments"])) for call in calls
    ]
    heard.stop = _STOPS[finish]
    heard.cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    heard.input = usage.get("prompt_tokens", 0) - heard.cached
    heard.output = usage.get("completion_tokens", 0)


def _hear_response(heard: Heard, response: Json) -> None:
    if response["error"]:
        _hear_error(heard, response["error"])
        return
    heard.kinds = heard_response.kinds(response)
    heard.text = heard_response.words_of(response, "message")
    heard.thinking = heard_response.words_of(response, "reasoning")
    calls = (item for item in response["output"] if item["type"] == "function_call")
    heard.calls = [(call["name"], orjson.loads(call["arguments"])) for call in calls]
    heard.stop = heard_response.stop(response)
    usage = response["usage"]
    heard.cached = usage["input_tokens_details"]["cached_tokens"]
    heard.input = usage["input_tokens"] - heard.cached
    heard.output = usage["output_tokens"]


def _hear_error(heard: Heard, error: Json) -> None:
    heard.error = error.get("code") or error["type"]
    heard.message = error["message"]
