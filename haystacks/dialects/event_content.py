"""The content of a message, from the events that tell it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from haystacks.dialect import Json
from haystacks.dialects.openai_chat.arguments import decode_arguments

_GROWS: Final = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
}


def content_of(events: Iterable[Json]) -> list[Json]:
    """Return the content blocks, whole, in their order; other events are passed over."""
    blocks: list[Json] = []
    arguments: dict[int, str] = {}
    for event in events:
        match event["type"]:
            case "content_block_start":
                blocks.append(dict(event["content_block"]))
            case "content_block_delta":
                index, delta = event["index"], event["delta"]
                if delta["type"] == "citations_delta":
                    blocks[index].setdefault("citations", []).append(delta["citation"])
                    continue
                field = _GROWS[delta["type"]]
                if field == "partial_json":
                    arguments[index] = arguments.get(index, "") + delta[field]
                else:
                    blocks[index][field] += delta[field]
    for index, text in arguments.items():
        blocks[index]["input"] = decode_arguments(text)
    return blocks
