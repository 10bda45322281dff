"""Markdown in, concepts and problems out."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final

from kg.concept import Concept
from kg.directive import Directive, read_directive
from kg.draft import Draft
from kg.problem import Problem

_LISTS: Final = frozenset({"synonyms", "related", "broader", "transform"})
# [[target]], [[target|label]], [[target#section]]; a shell's [[ -f x ]] is none.
_WIKI_LINK: Final = re.compile(r"\[\[([^\s\[\]|#][^\[\]|#]*)(?:[|#][^\[\]]*)?\]\]")


def parse(text: str, path: str) -> tuple[tuple[Concept, ...], tuple[Problem, ...]]:
    """Read every concept of one file, in the file's order; any text at all is fine.

    The file is one concept. A bracketed directive below an H2 heading makes
    that section another one, narrower than the file's; a file that says nothing
    outside of such sections is only their folder.
    """
    whole = current = Draft(PurePosixPath(path).stem.lower(), path)
    drafts = [whole]
    heading: tuple[str, int] | None = None
    wrapped: Directive | None = None
    for number, raw in _body(text):
        line = raw.strip()
        if line.startswith(("# ", "## ")):
            current.end_paragraph()
            mark, title = line.split(None, 1)
            if mark == "##":
                current, heading = whole, (title, number)
            elif not whole.title:
                whole.name(title)
            wrapped = None
            continue
        directive = read_directive(raw, number) if "::" in raw else None
        if directive is None and wrapped and line:
            directive = _continued(wrapped, raw, number)
        wrapped = None
        if directive is None:
            for link in _WIKI_LINK.finditer(raw):
                current.link(link[1].rstrip(), "wiki", number, link.start(1) + 1)
            current.prose(line)
            continue
        current.end_paragraph()
        if directive.known and directive.bracketed and heading:
            current = Draft.section(*heading, whole)
            drafts.append(current)
            heading = None
        current.take(directive)
        if directive.keyword in _LISTS and directive.value.endswith(","):
            wrapped = directive
    return _finish(drafts)


def _body(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line below the front matter."""
    lines = text.removeprefix("\ufeff").split("\n")
    start = 0
    if lines[0].strip() == "---":
        ends = (n for n, line in enumerate(lines[1:], 2) if line.strip() in {"---", "..."})
        start = next(ends, 0)
    return enumerate(lines[start:], start + 1)


def _continued(wrapped: Directive, raw: str, number: int) -> Directive:
    """Return the rest of a list whose line ended with a comma."""
    value = raw.strip()
    column = raw.index(value) + 1
    return dataclasses.replace(
        wrapped,
        value=value,
        line=number,
        start=column,
        column=column,
        canonical=False,
        bracketed=False,
    )


def _finish(drafts: Iterable[Draft]) -> tuple[tuple[Concept, ...], tuple[Problem, ...]]:
    whole, *sections = drafts
    problems = sorted(problem for draft in (whole, *sections) for problem in draft.problems)
    if sections and whole.is_bare():
        return tuple(section.concept() for section in sections), tuple(problems)
    for section in sections:
        section.link(whole.id, "broader", section.line, 1)
    return tuple(draft.concept() for draft in (whole, *sections)), tuple(problems)
