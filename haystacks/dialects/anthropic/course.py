"""The course of an Anthropic stream: each event in its place, with what its type promises."""

from __future__ import annotations

from typing import Any, Final

from haystacks.dialect import Json

# The texts that a block and a delta must have; those of tomorrow need none.
_BLOCKS: Final = {"text": ("text",), "thinking": ("thinking",), "tool_use": ("id", "name")}
_DELTAS: Final = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
}


class Course:
    """Follows one answer. Who translates it reads its events without another look."""

    __slots__ = ("_begun", "_open")

    def __init__(self) -> None:
        self._begun = False
        self._open: set[int] = set()

    def fits(self, event: Json) -> bool:
        """Tell whether an event of a known type may come now, and is whole."""
        kind, index = event["type"], event.get("index")
        if kind == "content_block_delta":
            return self._is_open(index) and _is_delta(event.get("delta"))
        if kind == "message_start":
            self._begun = True
            return _has_texts(event.get("message"), ("id", "model"))
        if kind == "content_block_start":
            if isinstance(index, int):
                self._open.add(index)
            return self._begun and self._is_open(index) and _is_block(event.get("content_block"))
        if kind == "content_block_stop":
            return self._is_open(index)
        if kind == "message_delta":
            return self._begun and _is_end(event.get("delta"))
        return self._begun

    def _is_open(self, index: Any) -> bool:
        return isinstance(index, int) and index in self._open


def _is_delta(delta: Any) -> bool:
    if not isinstance(delta, dict) or not isinstance(kind := delta.get("type"), str):
        return False
    return isinstance(delta.get(_DELTAS.get(kind, "type")), str)


def _is_block(block: Any) -> bool:
    if not isinstance(block, dict) or not isinstance(kind := block.get("type"), str):
        return False
    if block.get("input") and not isinstance(block["input"], dict):
        return False
    signed = isinstance(block.get("signature"), str | None)
    return signed and _has_texts(block, _BLOCKS.get(kind, ()))


def _is_end(delta: Any) -> bool:
    return isinstance(delta, dict) and isinstance(delta.get("stop_reason"), str | None)


def _has_texts(found: Any, names: tuple[str, ...]) -> bool:
    return isinstance(found, dict) and all(isinstance(found.get(name), str) for name in names)
