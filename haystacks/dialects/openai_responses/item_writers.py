"""One output item of a streamed response, from its first event to its last.

Each writer returns pairs of an event's kind and its fields; ``close`` returns
the events that tell the item whole, and the item. Clients act on that one: it
is complete, whatever the deltas before it told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from haystacks.dialect import Json
from haystacks.dialects.citations import encode_citations
from haystacks.dialects.openai_chat.arguments import decode_arguments, encode_arguments
from haystacks.dialects.openai_responses.declared_tools import DeclaredTool, ToolKind
from haystacks.dialects.openai_responses.output_items import (
    call_item,
    message_item,
    reasoning_item,
    redacted_item,
    summary_part,
    text_part,
)

Events = list[tuple[str, Json]]

_NOTHING_YET: Final[dict[ToolKind, Json]] = {
    "function": {"arguments": ""},
    "custom": {"input": ""},
    "tool_search": {"arguments": {}},
}


class ItemWriter(Protocol):
    """One item. ``is_message``: text that follows at once belongs to it too.

    A message is also told of each block's end.
    """

    is_message: bool

    def open(self) -> Events:
        """Return the events that begin it."""
        ...

    def write(self, delta: Json) -> Events:
        """Return the events of one canonical delta."""
        ...

    def close(self) -> tuple[Events, Json | None]:
        """Return the events before the item's last one, and the item, if it ever began."""
        ...


def item_writer(
    block: Json, item_id: Callable[[str], str], tool: DeclaredTool
) -> ItemWriter | None:
    """Return the writer of a canonical block; ``None`` for one that a response has no form for.

    ``item_id`` makes an id of the prefix that an item's kind has. ``tool`` is
    the one that the block calls, if it does.
    """
    match block["type"]:
        case "text":
            return _Message(item_id("msg"))
        case "thinking":
            return _Reasoning(item_id("rs"))
        case "redacted_thinking":
            return _Redacted(redacted_item(item_id("rs"), block["data"]))
        case "tool_use":
            return _Call(item_id(tool.prefix), block, tool)
    return None


class _Message:
    """Text: a message of one part, and what each block of it cites.

    Only when a block has ended is it known how far its citations reach.
    """

    __slots__ = ("_annotations", "_begins", "_cited", "_id", "_pieces", "_place", "is_message")

    def __init__(self, item_id: str) -> None:
        self._id = item_id
        self._place = {"item_id": item_id, "content_index": 0}
        self.is_message = True
        self._pieces: list[str] = []
        self._begins = 0  # the newest block, at this piece
        self._cited: list[Json] = []
        self._annotations: list[Json] = []

    def open(self) -> Events:
        begun = message_item(self._id, "", []) | {"status": "in_progress", "content": []}
        return [
            ("response.output_item.added", {"item": begun}),
            ("response.content_part.added", {**self._place, "part": text_part("", [])}),
        ]

    def write(self, delta: Json) -> Events:
        piece = delta.get("text")
        if not piece:
            return self._cite(delta)
        self._pieces.append(piece)
        return [("response.output_text.delta", {**self._place, "delta": piece, "logprobs": []})]

    def close(self) -> tuple[Events, Json]:
        text = "".join(self._pieces)
        part = text_part(text, self._annotations)
        events: Events = [
            ("response.output_text.done", {**self._place, "text": text, "logprobs": []}),
            ("response.content_part.done", {**self._place, "part": part}),
        ]
        return events, message_item(self._id, text, self._annotations)

    def _cite(self, delta: Json) -> Events:
        if delta["type"] == "citations_delta":
            self._cited.append(delta["citation"])
        if delta["type"] != "content_block_stop":
            return []
        begins, self._begins = self._begins, len(self._pieces)
        if not self._cited:
            return []
        start = sum(map(len, self._pieces[:begins]))
        end = start + sum(map(len, self._pieces[begins:]))
        found = encode_citations(self._cited, start, end)
        self._cited = []
        first = len(self._annotations)
        self._annotations += found
        return [
            (
                "response.output_text.annotation.added",
                {**self._place, "annotation_index": index, "annotation": annotation},
            )
            for index, annotation in enumerate(found, first)
        ]


class _Reasoning:
    """Thinking: a summary of one part, if there is any, and the signature, sealed.

    It begins with the first word or the signature; thinking without either is no item.
    """

    __slots__ = ("_begun", "_id", "_pieces", "_place", "_signature", "is_message")

    def __init__(self, item_id: str) -> None:
        self._id = item_id
        self._place = {"item_id": item_id, "summary_index": 0}
        self.is_message = False
        self._begun = False
        self._pieces: list[str] = []
        self._signature = ""

    def open(self) -> Events:
        return []

    def write(self, delta: Json) -> Events:
        piece, signature = delta.get("thinking"), delta.get("signature")
        if not (piece or signature):
            return []
        events: Events = []
        if not self._begun:
            self._begun = True
            begun = {"item": reasoning_item(self._id, "", "")}
            events.append(("response.output_item.added", begun))
        self._signature += signature or ""
        if not piece:
            return events
        if not self._pieces:
            opened = {**self._place, "part": summary_part("")}
            events.append(("response.reasoning_summary_part.added", opened))
        self._pieces.append(piece)
        told = {**self._place, "delta": piece}
        return [*events, ("response.reasoning_summary_text.delta", told)]

    def close(self) -> tuple[Events, Json | None]:
        if not self._begun:
            return [], None
        text = "".join(self._pieces)
        events: Events = []
        if text:
            part = {**self._place, "part": summary_part(text)}
            events.append(("response.reasoning_summary_text.done", {**self._place, "text": text}))
            events.append(("response.reasoning_summary_part.done", part))
        return events, reasoning_item(self._id, text, self._signature)


class _Redacted:
    """Thinking that only its provider can read; there is nothing to tell but the item."""

    __slots__ = ("_item", "is_message")

    def __init__(self, item: Json) -> None:
        self._item = item
        self.is_message = False

    def open(self) -> Events:
        return [("response.output_item.added", {"item": self._item})]

    def write(self, delta: Json) -> Events:
        del delta
        return []

    def close(self) -> tuple[Events, Json]:
        return [], self._item


class _Call:
    """A tool call. What is no function's JSON can't be told before all of it is there."""

    __slots__ = ("_block", "_id", "_pieces", "_tool", "is_message")

    def __init__(self, item_id: str, block: Json, tool: DeclaredTool) -> None:
        self._id = item_id
        self._block = block
        self._tool = tool
        self.is_message = False
        self._pieces: list[str] = []

    def open(self) -> Events:
        begun = self._item({}) | {"status": "in_progress"}
        begun |= _NOTHING_YET[self._tool.kind]
        events: Events = [("response.output_item.added", {"item": begun})]
        if given := self._block.get("input"):  # all at once, and no delta
            events += self.write({"partial_json": encode_arguments(given)})
        return events

    def write(self, delta: Json) -> Events:
        piece = delta.get("partial_json")
        if not piece:
            return []
        self._pieces.append(piece)
        if self._tool.kind != "function":
            return []
        told = {"item_id": self._id, "delta": piece}
        return [("response.function_call_arguments.delta", told)]

    def close(self) -> tuple[Events, Json]:
        arguments = "".join(self._pieces) or "{}"
        item = self._item(decode_arguments(arguments))
        if self._tool.kind == "tool_search":
            return [], item
        if self._tool.kind == "custom":
            text = {"item_id": self._id, "input": item["input"]}
            delta = {"item_id": self._id, "delta": item["input"]}
            told: Events = [("response.custom_tool_call_input.delta", delta)]
            return [*told, ("response.custom_tool_call_input.done", text)], item
        item["arguments"] = arguments  # as the deltas told it, its white space too
        whole = {"item_id": self._id, "name": item["name"], "arguments": arguments}
        events = [] if self._pieces else self.write({"partial_json": arguments})
        return [*events, ("response.function_call_arguments.done", whole)], item

    def _item(self, arguments: Json) -> Json:
        return call_item(self._id, {**self._block, "input": arguments}, self._tool)
