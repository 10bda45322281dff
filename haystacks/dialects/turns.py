"""A conversation as alternating turns: what both encoders build from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from haystacks.dialect import Json


@dataclass(slots=True)
class Turn:
    """All that one role says in a row: ``user``, ``assistant`` or ``system``."""

    role: str
    blocks: list[Json] = field(default_factory=list)

    @property
    def calls_tools(self) -> bool:
        """Tell whether tool results must follow at once."""
        return any(block["type"] == "tool_use" for block in self.blocks)


def content_blocks(content: Any) -> list[Json]:
    """Return content as blocks, without the empty text that providers refuse."""
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    return [block for block in content or () if block["type"] != "text" or block["text"].strip()]


def turns(messages: Iterable[Json]) -> list[Turn]:
    """Join neighbours of one role, and put tool results where providers want them.

    A turn without content disappears. In a user's turn the tool results come
    first. A system message between a tool call and its result moves behind the
    result: nothing may stand between the two.
    """
    found: list[Turn] = []
    held: list[Json] = []
    for message in messages:
        role, blocks = message["role"], content_blocks(message.get("content"))
        if role == "system" and found and found[-1].calls_tools:
            held += blocks
            continue
        if role != "user":
            _append(found, "system", held)
            held = []
        _append(found, role, blocks)
    _append(found, "system", held)
    for turn in found:
        turn.blocks.sort(key=lambda block: block["type"] != "tool_result")
    return found


def _append(found: list[Turn], role: str, blocks: list[Json]) -> None:
    if not blocks:
        return
    if not found or found[-1].role != role:
        found.append(Turn(role))
    found[-1].blocks += blocks
