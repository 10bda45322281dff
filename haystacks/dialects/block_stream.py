"""Content blocks in strict order, from pieces that arrive in any order.

A client may rely on it: blocks are numbered from 0 without a gap, each has one
start and one stop, and one is closed before the next opens. So while a tool
call is open whose arguments are not whole, what belongs behind it waits.
"""

from __future__ import annotations

from typing import Final

import orjson

from haystacks.dialect import Json
from haystacks.errors import BadAnswer

_DELTA: Final = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "tool_use": ("input_json_delta", "partial_json"),
}


class Block:
    """One content block: how it opens, and every piece of it so far."""

    __slots__ = ("citations", "closed", "content", "kind", "pieces", "signature")

    def __init__(self, content: Json) -> None:
        self.content = content
        self.kind: str = content["type"]
        self.pieces: list[str] = []
        self.signature = ""
        self.citations: list[Json] = []
        self.closed = False

    @property
    def whole(self) -> bool:
        """Whether the block may be closed: text always, a tool call once its JSON is complete."""
        if self.kind != "tool_use":
            return True
        if not self.pieces or not self.pieces[-1].rstrip().endswith("}"):
            return False
        self.pieces = ["".join(self.pieces)]
        try:
            orjson.loads(self.pieces[0])
        except orjson.JSONDecodeError:
            return False
        return True


class BlockStream:
    """The blocks of one message, and the events that tell them."""

    __slots__ = ("_blocks", "_current", "_early", "_opened")

    def __init__(self) -> None:
        self._blocks: list[Block] = []  # a block's place here is its index on the wire
        self._current = 0
        self._early: list[Json] = []  # citations whose text is still to come
        self._opened = False

    def say(self, kind: str, piece: str, *, fresh: bool = False) -> list[Json]:
        """Add text or thinking behind everything else; returns the events now due.

        ``fresh`` begins a block of its own.
        """
        blocks = self._blocks
        if fresh or not blocks or blocks[-1].kind != kind or blocks[-1].signature:
            start: Json = {"type": kind, kind: ""}
            if kind == "thinking":
                start["signature"] = ""
            blocks.append(Block(start))
            if kind == "text":
                blocks[-1].citations, self._early = self._early, []
        return self.extend(blocks[-1], piece)

    def sign(self, signature: str) -> list[Json]:
        """Sign the thinking said last, or else an empty one; returns the events now due.

        The signature is told when its block ends, and nothing joins that block any more.
        """
        events = self.say("thinking", "")
        self._blocks[-1].signature = signature
        return events

    def cite(self, citations: list[Json]) -> None:
        """Cite for the text that is being said, or else the next.

        Citations are told when their block ends, each once. Behind the last
        text, which ended where something else began, they find none.
        """
        last = self._blocks[-1] if self._blocks else None
        cited = last.citations if last is not None and last.kind == "text" else self._early
        for each in citations:
            if each not in cited:
                cited.append(each)

    def call(self, call_id: str, name: str) -> Block:
        """Append a tool call; it opens as soon as it has a name, by ``extend``."""
        block = Block({"type": "tool_use", "id": call_id, "name": name, "input": {}})
        self._blocks.append(block)
        return block

    def extend(self, block: Block, piece: str) -> list[Json]:
        """Add a piece (it may be empty) to a block; returns the events now due.

        A call that was closed was whole: what follows could only spoil it, and
        comes from providers that end by repeating the call.
        """
        current = self._current
        if current < len(self._blocks) and self._blocks[current] is block and self._opened:
            if not piece:
                return []
            block.pieces.append(piece)
            return [_delta(current, block.kind, piece)]
        if block.closed:
            return []
        if piece:
            block.pieces.append(piece)
        return self._advance()

    def close(self) -> list[Json]:
        """Return all events still due. Raises ``BadAnswer`` for a tool call without a name."""
        events = self._advance(end=True)
        if self._current < len(self._blocks):
            raise BadAnswer("the upstream called a tool without naming it")
        return events

    @property
    def calls(self) -> bool:
        """Whether the message calls a tool."""
        return any(block.kind == "tool_use" for block in self._blocks)

    def output(self) -> str:
        """Return everything that was said, for counting it."""
        return "".join(
            block.content.get("name", "") + "".join(block.pieces) for block in self._blocks
        )

    def _advance(self, *, end: bool = False) -> list[Json]:
        """Open what may open and close what has to make room."""
        events: list[Json] = []
        while self._current < len(self._blocks):
            block = self._blocks[self._current]
            if not self._opened:
                if block.content.get("name") == "":
                    break
                events.append(
                    {
                        "type": "content_block_start",
                        "index": self._current,
                        "content_block": block.content,
                    }
                )
                if block.pieces:
                    events.append(_delta(self._current, block.kind, "".join(block.pieces)))
                self._opened = True
            last = self._current == len(self._blocks) - 1
            if not end and (last or not block.whole):
                break
            if block.signature:
                events.append(_signed(self._current, block.signature))
            events += [_cited(self._current, citation) for citation in block.citations]
            events.append({"type": "content_block_stop", "index": self._current})
            block.closed = True
            self._current += 1
            self._opened = False
        return events


def _delta(index: int, kind: str, piece: str) -> Json:
    name, field = _DELTA[kind]
    return {"type": "content_block_delta", "index": index, "delta": {"type": name, field: piece}}


def _signed(index: int, signature: str) -> Json:
    delta = {"type": "signature_delta", "signature": signature}
    return {"type": "content_block_delta", "index": index, "delta": delta}


def _cited(index: int, citation: Json) -> Json:
    delta = {"type": "citations_delta", "citation": citation}
    return {"type": "content_block_delta", "index": index, "delta": delta}
