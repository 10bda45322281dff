"""One ``keyword:: value`` line of a concept file."""

from __future__ import annotations

import re
from typing import Final

from kg.value import value

# A bullet, brackets, a gap before the colons and a third colon are tolerated, and reported.
_LINE: Final = re.compile(
    r"\s*(?P<bullet>[-*+]\s+)?(?P<bracket>\[)?(?P<keyword>[^\W\d][\w-]*)(?P<gap>\s*)"
    r"::(?P<third>:)?(?(bracket)\])\s*"
)
KEYWORDS: Final = frozenset(
    {"synonyms", "route", "routing", "priority", "trigger", "pinned", "is_free", "free"}
    | {"type", "transform", "action", "related", "broader"}
)


@value
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

    def items(self) -> list[tuple[str, int]]:
        """Return each item of a comma list with its column; ``[[a]]`` is ``a``."""
        items: list[tuple[str, int]] = []
        start = self.column
        for part in self.value.split(","):
            text = part.strip()
            if text.startswith("[[") and text.endswith("]]"):
                text = text[2:-2].strip() or text
            if text:
                items.append((text, start + part.index(text)))
            start += len(part) + 1
        return items


def read_directive(raw: str, line: int) -> Directive | None:
    """Read one raw line, or return ``None`` for prose.

    ``std::vector`` is prose: what follows the colons of an unknown keyword is
    a space or nothing. ``type`` is known with three colons only: with two it is
    a property of Logseq.
    """
    keyword, _, rest = raw.partition("::")
    # Nearly every line is written like this, and need not be taken apart.
    if keyword in KEYWORDS and keyword != "type" and rest[:1] == " " and (said := rest.strip()):
        return Directive(keyword, said, line, 1, len(raw.rstrip()) - len(said) + 1)
    found = _LINE.match(raw)
    if found is None:
        return None
    bullet, bracket, keyword, gap, third = found.groups()
    keyword = keyword.lower()
    known = keyword in KEYWORDS and (third is not None or keyword != "type")
    end = found.end()
    rest = raw[end:].rstrip()
    if not known and rest and not raw[end - 1].isspace():
        return None
    start = found.start("keyword") + 1
    return Directive(
        keyword,
        rest,
        line,
        start,
        end + 1 if rest else start,
        known=known,
        canonical=not (bullet or bracket or gap or (third and keyword != "type")),
        bracketed=bracket is not None,
    )
