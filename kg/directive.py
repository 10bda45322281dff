"""One ``keyword:: value`` line of a concept file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# A bullet, brackets, a gap before the colons and a third colon are tolerated, and reported.
_LINE: Final = re.compile(
    r"\s*(?P<bullet>[-*+]\s+)?(?P<bracket>\[)?(?P<keyword>[^\W\d][\w-]*)(?P<gap>\s*)"
    r"::(?P<third>:)?(?(bracket)\])"
)
KEYWORDS: Final = frozenset(
    {"synonyms", "route", "routing", "priority", "trigger", "pinned", "is_free", "free"}
    | {"type", "transform", "action", "related", "broader"}
)


@dataclass(frozen=True, slots=True)
class Directive:
    """A keyword, lower-cased, its value, stripped, and where they stand.

    ``start`` is the column of the keyword, ``column`` that of the value (of the
    keyword, where there is none). Only a ``known`` keyword means
    something to us. ``bracketed`` is the spelling that makes a section of the
    file a concept of its own.
    """

    keyword: str
    value: str
    line: int
    start: int
    column: int
    known: bool = True
    canonical: bool = True
    bracketed: bool = False

    def items(self) -> Iterator[tuple[str, int]]:
        """Yield each item of a comma list with its column; ``[[a]]`` is ``a``."""
        end = self.column
        for part in self.value.split(","):
            start, end = end, end + len(part) + 1
            text = part.strip()
            if text.startswith("[[") and text.endswith("]]") and text[2:-2].strip():
                yield text[2:-2].strip(), start + part.index(text[2:-2].strip())
            elif text:
                yield text, start + part.index(text)


def read_directive(raw: str, line: int) -> Directive | None:
    """Read one raw line, or return ``None`` for prose.

    ``std::vector`` is prose: what follows the colons of an unknown keyword is
    a space or nothing. ``type`` is known with three colons only: with two it is
    a property of Logseq.
    """
    found = _LINE.match(raw)
    if found is None:
        return None
    keyword = found["keyword"].lower()
    rest = raw[found.end() :]
    value = rest.strip()
    third = found["third"] is not None
    known = keyword in KEYWORDS and (third or keyword != "type")
    if not known and rest[:1].strip():
        return None
    odd = found["bullet"] or found["bracket"] or found["gap"] or (third and keyword != "type")
    start = found.start("keyword") + 1
    return Directive(
        keyword,
        value,
        line,
        start,
        found.end() + rest.index(value) + 1 if value else start,
        known=known,
        canonical=not odd,
        bracketed=found["bracket"] is not None,
    )
