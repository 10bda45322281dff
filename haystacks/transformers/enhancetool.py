"""Tool arguments that are almost JSON are repaired; what can't be is passed on as a text."""

from __future__ import annotations

import orjson

from haystacks.dialect import Json
from haystacks.dialects.openai_chat.arguments import RAW
from haystacks.transformer import Form, Transformer
from haystacks.transformers.lenient_json import Unreadable, read


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""
    return Transformer("enhancetool", message=_repair, events=lambda: _RepairFilter().feed)


def repaired(arguments: str) -> str:
    """Return valid JSON: the same text if it is, what it means, or the text itself below one key.

    Nothing is guessed: a tool refuses what it can't read, but runs what it can.
    """
    if not arguments.strip():
        return "{}"
    try:
        orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return orjson.dumps(_meant(arguments)).decode()
    return arguments


def _meant(arguments: str) -> Json:
    try:
        meant = read(arguments)
    except Unreadable:
        return {RAW: arguments}
    return meant if isinstance(meant, dict) else {RAW: arguments}


def _repair(message: Json) -> Json:
    content = [_repair_block(block) for block in message["content"]]
    if all(after is before for after, before in zip(content, message["content"], strict=True)):
        return message
    return {**message, "content": content}


def _repair_block(block: Json) -> Json:
    given = block.get("input")
    if block.get("type") != "tool_use" or not isinstance(given, dict) or list(given) != [RAW]:
        return block
    meant = _meant(str(given[RAW]))
    return block if meant == given else {**block, "input": meant}


class _RepairFilter:
    """The events of one stream: a call's arguments are held back until they are whole."""

    def __init__(self) -> None:
        self._deltas: list[Json] | None = None

    def feed(self, event: Json) -> list[Json]:
        match event["type"]:
            case "content_block_start" if event["content_block"].get("type") == "tool_use":
                self._deltas = []
            case "content_block_delta" if self._deltas is not None:
                self._deltas.append(event)
                return []
            case "content_block_stop" if self._deltas is not None:
                deltas, self._deltas = self._deltas, None
                return [*_repair_deltas(deltas), event]
        return [event]


def _repair_deltas(deltas: list[Json]) -> list[Json]:
    written = "".join(event["delta"].get("partial_json", "") for event in deltas)
    valid = repaired(written)
    if valid == written or not deltas:
        return deltas
    return [{**deltas[0], "delta": {"type": "input_json_delta", "partial_json": valid}}]
