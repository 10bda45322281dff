"""The automaton: finds every pattern of a thesaurus in one pass over a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any, Final, Literal

import ahocorasick

from rolegraph.boundary import stands_alone

Boundary = Literal["word", "none"]
Found = tuple[int, int, str]  # start, end, pattern

# A text of one letter over a thesaurus of that letter has an occurrence for each
# pair of index and pattern; a prompt has a few hundred. What a request may cost
# ends here, at some 50 ms.
MOST_OCCURRENCES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Automaton:
    """A big automaton that never changes, a small one beside it, and what is struck out.

    The patterns are folded and not empty.
    """

    _base: Any
    _boundary: Boundary
    _overlay: Any = None
    _struck: frozenset[str] = frozenset()

    def find(self, text: str) -> list[Found]:
        """Return what is found: leftmost, longest, not overlapping, in text order.

        The text is folded. A pattern that does not stand on word boundaries is
        no match at all, so a shorter one in the same place may still be.
        """
        words, struck = self._boundary == "word", self._struck
        starts: list[int] = []
        found: list[Found] = []
        reach = 0
        # Occurrences come by their ends, so a later one that begins no later than
        # some already chosen contains them all.
        for last, pattern in self._occurrences(text):
            end = last + 1
            start = end - len(pattern)
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
            found.append((start, end, pattern))
            reach = end
        return found

    def overlaid(self, added: Iterable[str], struck: Iterable[str]) -> Automaton:
        """Return the big automaton with these patterns beside it and those struck out of it."""
        new = [pattern for pattern in added if self._base is None or pattern not in self._base]
        return replace(self, _overlay=_build(new), _struck=frozenset(struck))

    def _occurrences(self, text: str) -> Iterable[tuple[int, str]]:
        if self._overlay is None and self._base is not None:  # as it mostly is
            return islice(self._base.iter(text), MOST_OCCURRENCES)
        built = (self._base, self._overlay)
        each = [islice(one.iter(text), MOST_OCCURRENCES) for one in built if one is not None]
        # Sorting two runs that are sorted already is one merge.
        return each[0] if len(each) == 1 else sorted(chain(*each))


def build_automaton(patterns: Iterable[str], boundary: Boundary) -> Automaton:
    """Return an automaton over these patterns.

    The last step of building is one call that holds the interpreter: some
    milliseconds for 5,000 patterns, 300 for 200,000.
    """
    return Automaton(_build(patterns), boundary)


def _build(patterns: Iterable[str]) -> Any:
    ordered = sorted(patterns)  # what has a beginning in common is added in half the time
    if not ordered:
        return None
    built = ahocorasick.Automaton(ahocorasick.STORE_ANY)
    for pattern in ordered:
        built.add_word(pattern, pattern)
    built.make_automaton()
    return built
