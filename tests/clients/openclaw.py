"""OpenClaw's turns, as its captured requests show them, in each of its three provider APIs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import orjson

Json = dict[str, Any]

CAPTURES = Path(__file__).parents[1] / "captures"
# It adds a message of its own behind the user's, which the user never wrote.
CONTEXT = (
    "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\n"
    "Memory: in plan mode the user wants deep reasoning.\n"
    "<<<END_OPENCLAW_INTERNAL_CONTEXT>>>"
)
ASKED = "[Sat 2026-11-21 10:52 UTC] USE_TOOL"


class Api(ABC):
    """One API: what is sent first, what is heard, and what is sent after the tool has run."""

    path: ClassVar[str]
    headers: ClassVar[Json]

    @abstractmethod
    def first(self) -> Json:
        """Return the request that begins a turn."""

    @abstractmethod
    def next(self, body: Json, call: Json, result: str) -> Json:
        """Return the request that brings a tool's result."""

    @abstractmethod
    def call(self, events: list[Json]) -> Json:
        """Return the only tool call of a streamed answer: ``id``, ``name``, ``arguments``."""

    @abstractmethod
    def text(self, events: list[Json]) -> str:
        """Return the text of a streamed answer."""


def _captured(name: str) -> Json:
    capture: Json = orjson.loads((CAPTURES / f"{name}.json").read_bytes())
    return capture


class Anthropic(Api):
    """``anthropic-messages``."""

    path = "/v1/messages"
    headers: ClassVar = {"x-api-key": "dummy-key", "anthropic-version": "2023-06-01"}

    def first(self) -> Json:
        body: Json = _captured("openclaw_anthropic_tool_turn2")["body"]
        return {**body, "messages": body["messages"][:1]}

    def next(self, body: Json, call: Json, result: str) -> Json:
        used = {"type": "tool_use", "id": call["id"], "name": call["name"]}
        used["input"] = orjson.loads(call["arguments"])
        told = {"type": "tool_result", "tool_use_id": call["id"], "content": result}
        added = [
            {"role": "assistant", "content": [{"type": "text", "text": "I'll run it."}, used]},
            {"role": "user", "content": [{**told, "is_error": False}]},
            {"role": "user", "content": [{"type": "text", "text": CONTEXT}]},
        ]
        return {**body, "messages": [*body["messages"], *added]}

    def call(self, events: list[Json]) -> Json:
        blocks = [each["content_block"] for each in events if "content_block" in each]
        (call,) = [block for block in blocks if block["type"] == "tool_use"]
        deltas = [each["delta"] for each in events if each["type"] == "content_block_delta"]
        arguments = "".join(delta.get("partial_json", "") for delta in deltas)
        return {"id": call["id"], "name": call["name"], "arguments": arguments}

    def text(self, events: list[Json]) -> str:
        deltas = [each["delta"] for each in events if each["type"] == "content_block_delta"]
        return "".join(delta.get("text", "") for delta in deltas)


class Chat(Api):
    """``openai-completions``."""

    path = "/v1/chat/completions"
    headers: ClassVar = {"authorization": "Bearer dummy-key"}

    def first(self) -> Json:
        body: Json = _captured("openclaw_chat_tool_turn2")["body"]
        system = body["messages"][0]
        return {**body, "messages": [system, {"role": "user", "content": ASKED}]}

    def next(self, body: Json, call: Json, result: str) -> Json:
        function = {"name": call["name"], "arguments": call["arguments"]}
        used = {"id": call["id"], "type": "function", "function": function}
        added = [
            {"role": "assistant", "content": None, "tool_calls": [used]},
            {"role": "tool", "content": result, "tool_call_id": call["id"]},
            {"role": "user", "content": [{"type": "text", "text": CONTEXT}]},
        ]
        return {**body, "messages": [*body["messages"], *added]}

    def call(self, events: list[Json]) -> Json:
        pieces = [call for delta in _deltas(events) for call in delta.get("tool_calls", [])]
        arguments = "".join(piece["function"]["arguments"] for piece in pieces)
        first = pieces[0]
        return {"id": first["id"], "name": first["function"]["name"], "arguments": arguments}

    def text(self, events: list[Json]) -> str:
        return "".join(delta.get("content") or "" for delta in _deltas(events))


def _deltas(events: list[Json]) -> list[Json]:
    return [choice["delta"] for each in events for choice in each["choices"]]


class Responses(Api):
    """``openai-responses``."""

    path = "/v1/responses"
    headers: ClassVar = {"authorization": "Bearer dummy-key"}

    def first(self) -> Json:
        body = Chat().first()
        tools = [{"type": "function", **tool["function"]} for tool in body["tools"]]
        said = [{"type": "input_text", "text": ASKED}]
        return {
            "model": body["model"],
            "input": [
                {"role": "developer", "content": body["messages"][0]["content"]},
                {"role": "user", "content": said},
            ],
            "tools": tools,
            "stream": True,
            "store": False,
        }

    def next(self, body: Json, call: Json, result: str) -> Json:
        used = {"name": call["name"], "arguments": call["arguments"]}
        added = [
            {"type": "function_call", "call_id": call["id"], **used},
            {"type": "function_call_output", "call_id": call["id"], "output": result},
            {"role": "user", "content": [{"type": "input_text", "text": CONTEXT}]},
        ]
        return {**body, "input": [*body["input"], *added]}

    def call(self, events: list[Json]) -> Json:
        done = [each["item"] for each in events if each["type"] == "response.output_item.done"]
        (call,) = [item for item in done if item["type"] == "function_call"]
        return {"id": call["call_id"], "name": call["name"], "arguments": call["arguments"]}

    def text(self, events: list[Json]) -> str:
        pieces = [each for each in events if each["type"] == "response.output_text.delta"]
        return "".join(each["delta"] for each in pieces)
