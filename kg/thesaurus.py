"""Terraphim's thesaurus JSON, in and out."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

import orjson

from kg.claim import claim_order, claims, same_text
from kg.codes import problem
from kg.concept import Concept, Synonym
from kg.draft import slug
from kg.problem import Problem

_GAP: Final = re.compile(r"[ \t\r\n:,]*")
_DECODER: Final = json.JSONDecoder()


def write_thesaurus(name: str, concepts: Iterable[Concept]) -> dict[str, Any]:
    """Return ``{"name", "data": {synonym: {"id", "nterm", "display_value", "url"}}}``.

    The ids count from 1 in the order in which concepts claim synonyms; a
    synonym that two claim is the first one's. Routes have no place in it.
    """
    data: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for number, concept in enumerate(sorted(concepts, key=claim_order), 1):
        entry = {"id": number, "nterm": concept.id, "url": concept.path}
        if concept.title:
            entry["display_value"] = concept.title
        for claim in claims(concept):
            if same_text(claim.text) not in taken:
                taken.add(same_text(claim.text))
                data[claim.text] = dict(entry)
    return {"name": name, "data": data}


def read_thesaurus(text: str, path: str) -> tuple[tuple[Concept, ...], tuple[Problem, ...]]:
    """Read that form, or the flat ``{synonym: {"id", "nterm"}}``; one concept for each nterm.

    Ids may be numbers or text: the nterm alone says what belongs together. JSON
    of another shape is one problem, and no concept.
    """
    text = text.removeprefix("\ufeff")
    try:
        top = orjson.loads(text)
        entries = _entries(text) if isinstance(top, dict) else iter(())
        concepts, problems = _collect(entries, path, _Lines(text))
    except orjson.JSONDecodeError as error:
        return (), (problem("RG060", path, error.lineno, error.colno, f"not JSON: {error.msg}"),)
    except RecursionError:
        return (), (problem("RG060", path, 1, 1, "nested too deeply"),)
    if not isinstance(top, dict) or (problems and not concepts):
        hint = 'a thesaurus is {"name": ..., "data": {synonym: {"id": 1, "nterm": ...}}}'
        return (), (problem("RG062", path, 1, 1, "not a thesaurus, and passed over", hint),)
    return concepts, problems


def _collect(
    entries: Iterable[tuple[str, int, Any]], path: str, lines: _Lines
) -> tuple[tuple[Concept, ...], tuple[Problem, ...]]:
    problems: list[Problem] = []
    concepts: dict[str, Concept] = {}
    synonyms: dict[str, list[Synonym]] = {}
    seen: set[str] = set()
    for synonym, position, entry in entries:
        line, column = lines.place(position)
        nterm = _nterm(entry)
        if not nterm:
            hint = "nterm names the concept that the synonym means"
            message = f'"{synonym}" has no nterm'
            problems.append(problem("RG061", path, line, column, message, hint))
        elif synonym in seen:
            message = f'"{synonym}" is there twice'
            problems.append(problem("RG063", path, line, column, message, "the first one counts"))
        else:
            seen.add(synonym)
            if nterm not in concepts:
                concepts[nterm] = _concept(nterm, entry, path, line)
            synonyms.setdefault(nterm, []).append(Synonym(synonym.strip(), line, column))
    return tuple(_with(concepts[nterm], synonyms[nterm]) for nterm in concepts), tuple(problems)


def _nterm(entry: Any) -> str:
    nterm = entry.get("nterm") if isinstance(entry, dict) else None
    return nterm.strip().lower() if isinstance(nterm, str) else ""


def _concept(nterm: str, entry: dict[str, Any], path: str, line: int) -> Concept:
    title = entry.get("display_value")
    return Concept(
        id=nterm,
        path=path,
        line=line,
        title=title if isinstance(title, str) else "",
        aliases=() if slug(nterm) == nterm else (slug(nterm),),
    )


def _with(concept: Concept, synonyms: Iterable[Synonym]) -> Concept:
    # The name of a concept means it without being told.
    implied = {same_text(claim.text) for claim in claims(concept)} | {""}
    told = tuple(synonym for synonym in synonyms if same_text(synonym.text) not in implied)
    return replace(concept, synonyms=told)


def _entries(text: str) -> Iterator[tuple[str, int, Any]]:
    """Yield synonym, its position and its entry, of either form."""
    top = list(_members(text, _skip(text, 0)))
    for key, _, start, value in top:
        if key == "data" and isinstance(value, dict) and not _nterm(value):
            yield from ((name, at, entry) for name, at, _, entry in _members(text, start))
            return
    yield from ((name, at, entry) for name, at, _, entry in top)


def _members(text: str, at: int) -> Iterator[tuple[str, int, int, Any]]:
    """Yield key, its position, the value's position and the value, of the valid object at ``at``.

    No JSON reader tells positions: this walks one object, and leaves what is
    inside to the standard library's.
    """
    at = _skip(text, at + 1)
    while text[at] != "}":
        start = at
        key, at = _DECODER.raw_decode(text, at)
        value_start = _skip(text, at)
        value, at = _DECODER.raw_decode(text, value_start)
        yield key, start, value_start, value
        at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


class _Lines:
    """Turns positions in a text into lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, position: int) -> tuple[int, int]:
        """Return line and column, from 1."""
        line = bisect_right(self._starts, position)
        return line, position - self._starts[line - 1] + 1
