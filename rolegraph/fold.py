"""Folding: the form in which a text and a pattern are compared."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate
from typing import Final

_SPACES: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_APOSTROPHES: Final = "\u2018\u2019"
_HYPHENS: Final = "\u2010\u2011\u2013"
_FINAL_SIGMA: Final = "\u03c2"
_ASCII: Final = tuple([(space, " ") for space in _SPACES if space.isascii()])
_REPLACED: Final = (
    *((space, " ") for space in _SPACES),
    *((apostrophe, "'") for apostrophe in _APOSTROPHES),
    *((hyphen, "-") for hyphen in _HYPHENS),
    # str.lower() chooses between the two sigmas by what stands around them.
    (_FINAL_SIGMA, "\u03c3"),
)
# The one character that str.lower() turns into two.
_DOTTED_I: Final = "\u0130"
# Two spaces and any more: the engine leaps to what begins with two plain characters,
# where "  +" would have it stop at each single space.
_RUN: Final = re.compile("(   *)")


def fold(text: str) -> str:
    """Return the text in lower case, typographic variants made plain, character for character.

    The length is kept, so an index into the result is an index into the text.
    """
    folded = text.replace(_DOTTED_I, "i").lower()
    # Many calls of replace() are five times faster than one of translate(),
    # which looks up every character of a text that is not ASCII.
    for char, plain in _ASCII if folded.isascii() else _REPLACED:
        folded = folded.replace(char, plain)
    return folded


def squeeze(folded: str) -> tuple[str, list[str]]:
    """Return the folded text with each run of spaces as one space, and its parts.

    The parts are what stands between the runs, and the runs, in turn.
    """
    parts = _RUN.split(folded)
    return (" ".join(parts[::2]), parts) if len(parts) > 1 else (folded, parts)


def origins(parts: list[str]) -> Callable[[int], int]:
    """Return what maps an index of the squeezed text to the index in the folded one.

    Of a run of spaces the first is the one that stays.
    """
    words = [*accumulate(map(len, parts[:-1:2]))]
    runs = [*accumulate(map(len, parts[1::2]), initial=0)]

    def origin(index: int) -> int:
        # In the squeezed text each run before this one is one space.
        before = bisect_left(range(len(words)), index, key=lambda run: words[run] + run)
        return index + runs[before] - before

    return origin


def fold_pattern(text: str) -> str:
    """Return a pattern's folded form: stripped, inner runs of whitespace as one space."""
    # split() knows every ASCII space, and fold() costs more than the rest of compiling.
    return " ".join((text.lower() if text.isascii() else fold(text)).split())
