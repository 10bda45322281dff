"""A conversation in the canonical form's own way of writing it."""

from __future__ import annotations

from itertools import takewhile

from haystacks.dialect import Json
from haystacks.dialects.turns import turns


def conversation(messages: list[Json]) -> Json:
    """Return ``messages``, and ``system`` where the conversation opens with one.

    Each message holds a list of blocks. Neighbours of one role are joined, later
    system messages stay where they are, and a single text becomes a string.
    """
    opening = list(takewhile(lambda message: message["role"] == "system", messages))
    canonical: Json = {
        "messages": [
            {"role": turn.role, "content": plain(turn.blocks)}
            for turn in turns(messages[len(opening) :])
        ]
    }
    system = [turn.blocks for turn in turns(opening)]
    return {"system": plain(system[0]), **canonical} if system else canonical


def plain(blocks: list[Json]) -> list[Json] | str:
    """Return a single text as the string it was."""
    if len(blocks) == 1 and blocks[0]["type"] == "text":
        text: str = blocks[0]["text"]
        return text
    return blocks
