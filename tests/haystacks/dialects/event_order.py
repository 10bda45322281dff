"""The strict order of canonical events, and the message that they tell."""

from __future__ import annotations

from collections.abc import Iterable

from haystacks.dialect import Json

_GROWS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("thinking", "signature"),
    "input_json_delta": ("tool_use", "partial_json"),
}


def told(events: Iterable[Json]) -> Json:
    """Return the message; a tool's ``input`` is its arguments as text. Fails on any disorder."""
    left = list(events)
    first, delta, last = left[0], left[-2], left[-1]
    assert first["type"] == "message_start"
    assert delta["type"] == "message_delta"
    assert last == {"type": "message_stop"}
    message = first["message"] | {"content": _blocks(left[1:-2])} | delta["delta"]
    assert set(first["message"]["usage"]) <= set(delta["usage"])
    return {**message, "usage": delta["usage"]}


def _blocks(events: list[Json]) -> list[Json]:
    """Return the blocks of events that must hold nothing but blocks, one after the other."""
    blocks: list[Json] = []
    opened = False
    for event in events:
        if event["type"] == "content_block_start":
            assert not opened
            assert event["index"] == len(blocks)
            opened = True
            block = dict(event["content_block"])
            if block["type"] == "tool_use":
                assert block["id"]
                assert block["name"]
                assert block["input"] == {}
                block["input"] = ""
            blocks.append(block)
            continue
        assert opened
        assert event["index"] == len(blocks) - 1
        if event["type"] == "content_block_stop":
            opened = False
            continue
        assert event["type"] == "content_block_delta"
        if event["delta"]["type"] == "citations_delta":
            assert blocks[-1]["type"] == "text"
            blocks[-1].setdefault("citations", []).append(event["delta"]["citation"])
            continue
        kind, field = _GROWS[event["delta"]["type"]]
        assert blocks[-1]["type"] == kind
        piece = event["delta"][field]
        assert piece
        blocks[-1]["input" if kind == "tool_use" else field] += piece
    assert not opened
    return blocks
