"""A whole canonical message told as the events of a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import orjson

from haystacks.dialect import Json

_WORDS: Final = re.compile(r"\S+\s*|\s+")
_ARGUMENT_PIECE: Final = 16


def message_events(message: Json) -> Iterator[Json]:
    """Yield the canonical events of ``message``: text and thinking word by word."""
    usage = message["usage"]
    opening: Json = {"content": [], "stop_reason": None, "stop_sequence": None}
    yield {
        "type": "message_start",
        "message": {**message, **opening, "usage": {**usage, "output_tokens": 0}},
    }
    for index, block in enumerate(message["content"]):
        empty, deltas = _told(block)
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ending = {key: message[key] for key in ("stop_reason", "stop_sequence")}
    yield {"type": "message_delta", "delta": ending, "usage": usage}
    yield {"type": "message_stop"}


def _told(block: Json) -> tuple[Json, list[Json]]:
    """Return the block as it begins, and the deltas that complete it."""
    match block["type"]:
        case "text":
            words = _WORDS.findall(block["text"])
            deltas: list[Json] = [{"type": "text_delta", "text": each} for each in words]
            cited = block.get("citations") or ()
            deltas += [{"type": "citations_delta", "citation": each} for each in cited]
            return {"type": "text", "text": ""}, deltas
        case "thinking":
            words = _WORDS.findall(block["thinking"])
            deltas = [{"type": "thinking_delta", "thinking": each} for each in words]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
            return {**block, "thinking": "", "signature": ""}, deltas
        case "tool_use":
            written = orjson.dumps(block["input"]).decode()
            pieces = (
                written[at : at + _ARGUMENT_PIECE] for at in range(0, len(written), _ARGUMENT_PIECE)
            )
            return {**block, "input": {}}, [
                {"type": "input_json_delta", "partial_json": each} for each in pieces
            ]
        case kind:
            raise ValueError(f"a block of type {kind} has no deltas")
