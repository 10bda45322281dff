"""Word boundaries: whether a pattern found in a text stands there as words of its own."""

from __future__ import annotations

import re
from typing import Final

_UNSPACED: Final = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana and iteration marks
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "]"
)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether neither neighbour of ``text[start:end]`` is alphanumeric or ``_``.

    Scripts that are written without spaces have no such boundaries: between one
    of their characters and anything else a word may always begin and end.
    """
    # Nearly every neighbour is a space, which this need not look into.
    if start and (before := text[start - 1]) != " " and _joins(before, text[start]):
        return False
    return end == len(text) or (after := text[end]) == " " or not _joins(after, text[end - 1])


def _joins(neighbour: str, edge: str) -> bool:
    return (neighbour.isalnum() or neighbour == "_") and not (
        _unspaced(neighbour) or _unspaced(edge)
    )


def _unspaced(char: str) -> bool:
    return char >= "\u0e00" and _UNSPACED.match(char) is not None
