"""What a client of Responses makes of a response, whole or streamed."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_GROWS = {
    "response.output_text.delta": ("content", "text"),
    "response.reasoning_summary_text.delta": ("summary", "text"),
    "response.function_call_arguments.delta": ("arguments", ""),
}
_KINDS = {"message": "text", "reasoning": "thinking", "function_call": "tool_use"}
_STOPS = {"max_output_tokens": "max_tokens", "content_filter": "refusal"}


def final(events: list[Json]) -> Json:
    """Return the response that a stream ends with, or its error. Fails on any disorder."""
    *before, last = events
    assert [event["sequence_number"] for event in before] == list(range(len(before)))
    assert [event["type"] for event in before[:2]] == ["response.created", "response.in_progress"]
    if last["type"] in {"error", "response.failed"}:
        return {"error": last["error"] if last["type"] == "error" else last["response"]["error"]}
    response: Json = last["response"]
    # Of a failure it is not asked: nobody counts along where a provider's own events pass.
    assert last["sequence_number"] == len(before)
    assert last["type"] == f"response.{response['status']}"
    assert response["output"] == _items(before[2:])
    return response


def _items(events: list[Json]) -> list[Json]:
    """Return the items, each of which its own deltas must have told whole."""
    items: list[Json] = []
    said: list[str] = []
    opened = False
    for event in events:
        assert event["output_index"] == len(items)
        kind = event["type"]
        if kind == "response.output_item.added":
            assert not opened
            opened, said = True, []
            continue
        assert opened
        if kind in _GROWS:
            assert event["delta"]
            said.append(event["delta"])
        elif kind == "response.output_item.done":
            assert "".join(said) == _words(event["item"])
            items.append(event["item"])
            opened = False
    assert not opened
    return items


def _words(item: Json) -> str:
    for parts, text in _GROWS.values():
        if parts in item:
            told = item[parts]
            return "".join(part[text] for part in told) if text else str(told)
    return ""


def kinds(response: Json) -> list[str]:
    """Return the canonical names of what the output holds."""
    return [_KINDS[item["type"]] for item in response["output"]]


def words_of(response: Json, kind: str) -> str:
    """Return all that the items of one type say."""
    return "".join(_words(item) for item in response["output"] if item["type"] == kind)


def stop(response: Json) -> str:
    """Return the canonical reason why it ended."""
    if response["status"] == "incomplete":
        return _STOPS[response["incomplete_details"]["reason"]]
    assert response["status"] == "completed"
    return "tool_use" if "tool_use" in kinds(response) else "end_turn"
