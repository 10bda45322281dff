"""The automaton: finds every pattern of a thesaurus in one pass over a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from rolegraph.boundary import stands_alone
from rolegraph.occurrences import Occurrences

Boundary = Literal["word", "none"]
Found = tuple[int, int, str]  # start, end, pattern


@dataclass(frozen=True, slots=True)
class Automaton:
    """A big automaton that never changes, a small one beside it, and what is struck out.

    The patterns are folded and not empty.
    """

    _base: Occurrences
    _boundary: Boundary
    _overlay: Occurrences
    _struck: frozenset[str] = frozenset()

    def find(self, text: str) -> list[Found]:
        """Return what is found: leftmost, longest, not overlapping, in text order.

        The text is folded. A pattern that does not stand on word boundaries is
        no match at all, so a shorter one in the same place may still be.
        """
        every = self._base.of(text)
        if self._overlay:
            # Sorting two runs that are sorted already is one merge.
            every = sorted([*every, *self._overlay.of(text)], key=_end)
        words, struck = self._boundary == "word", self._struck
        starts: list[int] = []
        found: list[Found] = []
        reach = 0
        # Occurrences come by their ends, so a later one that begins no later than
        # some already chosen contains them all.
        for occurrence in every:
            start, end, pattern = occurrence
            if words and not stands_alone(text, start, end):
                continue
            if struck and pattern in struck:
                continue
            if start < reach:
                place = bisect_left(starts, start)
                if place and found[place - 1][1] > start:
                    continue
                del starts[place:], found[place:]
            starts.append(start)
            found.append(occurrence)
            reach = end
        return found

    def overlaid(self, added: Iterable[str], struck: Iterable[str]) -> Automaton:
        """Return the big automaton with these patterns beside it and those struck out of it."""
        new = Occurrences(pattern for pattern in added if pattern not in self._base)
        return replace(self, _overlay=new, _struck=frozenset(struck))


def build_automaton(patterns: Iterable[str], boundary: Boundary) -> Automaton:
    """Return an automaton over these patterns."""
    return Automaton(Occurrences(patterns), boundary, Occurrences(()))


def _end(found: Found) -> int:
    return found[1]
