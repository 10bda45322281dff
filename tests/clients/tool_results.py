"""What a client's tools brought back, in a provider's request of any wire format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.standin import Seen


def results(seen: Seen) -> list[str]:
    """Return the texts of a request's tool results, in their order."""
    body = seen.body
    if seen.speech == "gemini":
        parts = (part for content in body["contents"] for part in content["parts"])
        found = (part["functionResponse"] for part in parts if "functionResponse" in part)
        return [str(each["response"]["output"]) for each in found]
    return list(_results(body.get("messages") or body.get("input") or []))


def _results(told: list[dict[str, Any]]) -> Iterator[str]:
    for message in told:
        if message.get("role") == "tool":
            yield _text(message["content"])
        elif str(message.get("type")).endswith("_call_output"):
            yield _text(message["output"])
        elif isinstance(message.get("content"), list):
            for block in message["content"]:
                if block["type"] == "tool_result":
                    yield _text(block["content"])


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)
