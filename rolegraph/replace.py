"""Puts the names of concepts in place of their synonyms, in prose alone."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from kg.concept import Concept
from rolegraph.match import Match

Span = tuple[int, int]

_FENCE: Final = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.MULTILINE)
_TICKS: Final = re.compile(r"`+")
_TAG: Final = re.compile(r"</?\w[^<>]*>")
_TOKEN: Final = re.compile(r"\S+")
# A path, a URL, an address, a call, a name as code, files and versions have it.
_LITERAL: Final = re.compile(r"[/\\@]|\w[_.:]\w|::|->|\(\)")
# --option, $variable, #tag; or one word between quotes.
_MARKED: Final = re.compile(r"[(\[{]*(?:--?\w|[$#%&]\w|([\"'])[^\"']+\1[^\w\s]*\Z)")


def name_of(concept: Concept) -> str:
    """Return what people call a concept: its title, or its id as words."""
    return concept.title or " ".join(concept.id.replace("-", " ").replace("_", " ").split())


def replaced(text: str, matches: Iterable[Match], kept: Iterable[Span] = ()) -> str:
    """Return the text with each match as the name of its concept.

    Fenced and inline code, URLs, addresses, paths, quoted identifiers, tags,
    names of files and of code stay as they are, and so does what ``kept``
    spans. The matches are in text order and don't overlap.
    """
    spans = _joined([*kept, *_code(text), *_literals(text)])
    ends = [end for _, end in spans]
    parts: list[str] = []
    at = 0
    for match in matches:
        place = bisect_left(ends, match.start + 1)
        if place < len(spans) and spans[place][0] < match.end:
            continue
        name = name_of(match.concept)
        if text[match.start : match.end].casefold() == name.casefold():
            continue
        parts += [text[at : match.start], name]
        at = match.end
    return "".join([*parts, text[at:]])


def _joined(spans: list[Span]) -> list[Span]:
    """Return the spans in text order, overlapping ones as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _literals(text: str) -> Iterator[Span]:
    """Yield what is no prose, white space being what ends it."""
    for tag in _TAG.finditer(text):
        yield tag.span()
    for token in _TOKEN.finditer(text):
        if _LITERAL.search(token[0]) or _MARKED.match(token[0]):
            yield token.span()


def _code(text: str) -> list[Span]:
    """Return where code stands: fenced, and between equally many backticks."""
    fenced: list[Span] = []
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence[1].startswith(opened[1]):
            fenced.append((opened.start(), fence.end()))
            opened = None
    if opened is not None:
        fenced.append((opened.start(), len(text)))  # markdown too lets it go on to the end
    return [*fenced, *_inline(text)]


def _inline(text: str) -> list[Span]:
    spans: list[Span] = []
    waiting: dict[int, int] = {}  # how many backticks, and where they stand
    for ticks in _TICKS.finditer(text):
        size = len(ticks[0])
        if size in waiting:
            spans.append((waiting[size], ticks.end()))
            waiting = {}
        else:
            waiting[size] = ticks.start()
    return spans
