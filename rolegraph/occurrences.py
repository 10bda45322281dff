"""Where each of many patterns occurs in a text, overlapping or not."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from ahocorasick_rs import AhoCorasick, Implementation

# A text of one letter over a thesaurus of that letter has an occurrence for each
# pair of index and pattern; a prompt has a few hundred. What a request may cost
# ends here, at some 50 ms.
MOST: Final = 100_000

# The engine returns all at once what a text holds, so a long one is given in pieces:
# one that is full of patterns must not fill the memory first.
_PIECE: Final = 4_096

# What no folded text holds.
_NEVER: Final = "A"


class Occurrences:
    """An Aho-Corasick automaton over patterns that are folded and not empty. Immutable.

    Building takes 8 ms for 5,000 patterns and 450 for 200,000, and for half of that it holds
    the interpreter.
    """

    __slots__ = ("_engine", "_longest", "_patterns")

    def __init__(self, patterns: Iterable[str]) -> None:
        # What has a beginning in common then lies together in memory.
        ordered = sorted(patterns)
        self._longest = max(map(len, ordered), default=0)
        # The engine puts the letters that end a pattern before all others. Where nearly each
        # does, as in "item 1" to "item 99", that takes the square of the time, divided by how
        # many that end none come first: a tenth of the patterns are enough.
        self._patterns = [_NEVER * (len(ordered) // 10 + 1), *ordered]
        # Among 200,000 patterns a search waits for memory at each letter. This form is the
        # smallest, which makes it three times as fast as the others that so many can have.
        self._engine = AhoCorasick(self._patterns, implementation=Implementation.ContiguousNFA)

    def __len__(self) -> int:
        return len(self._patterns) - 1

    def __contains__(self, pattern: str) -> bool:
        place = bisect_left(self._patterns, pattern, 1)
        return self._patterns[place : place + 1] == [pattern]

    def of(self, text: str) -> list[tuple[int, int, str]]:
        """Return the start, end and pattern of each, in the order of ends; at most ``MOST``.

        The text is folded.
        """
        if not text.isascii():
            # Half of a surrogate pair, which a command line may hold, has no UTF-8.
            text = text.encode("utf-8", "replace").decode()
        patterns, search = self._patterns, self._engine.find_matches_as_indexes
        # What is searched again, behind a piece, is no longer than the piece.
        piece = max(_PIECE, self._longest)
        if len(text) <= piece:
            found = search(text, overlapping=True)
            return [(start, end, patterns[number]) for number, start, end in found[:MOST]]
        every: list[tuple[int, int, str]] = []
        for begin in range(0, len(text), piece):
            # What ends here may have begun before; what has ended before is known.
            back = max(begin - self._longest + 1, 0)
            found = search(text[back : begin + piece], overlapping=True)
            every += [
                (back + start, back + end, patterns[number])
                for number, start, end in found
                if back + end > begin
            ]
            if len(every) >= MOST:
                return every[:MOST]
        return every
