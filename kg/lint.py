"""What is suspicious between concept files; nothing here forbids to serve them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import networkx as nx

from kg.claim import claim_order, claims, same_text
from kg.codes import problem
from kg.concept import Concept, Link, Synonym
from kg.document import did_you_mean
from kg.draft import slug
from kg.problem import Problem

# Almost any prompt holds one of these, so as a synonym it would route almost everything.
_COMMON: Final = frozenset(
    """
    a about add all an and any are as at be but by can change check could create do file find fix
    for from get have help how i if in is it like look make me my need new no not now of on one or
    please run see should show so that the then there this to try up use want was we what when
    where which who why will with work would write yes you your
    """.split()  # noqa: SIM905  # a literal set would take a line for each word
)
# difflib takes milliseconds in a large taxonomy; after these many the pattern is clear anyway.
_HINTED: Final = 50


def lint(concepts: Iterable[Concept]) -> tuple[Problem, ...]:
    """Return what the files say against one another, or to no purpose, in the order of paths."""
    ordered = sorted(concepts, key=lambda concept: (concept.path, concept.line))
    return tuple(
        sorted(
            {
                *_same_ids(ordered),
                *_contested(ordered),
                *_unknown_links(ordered),
                *_lonely(ordered),
                *_too_common(ordered),
                *_circles(ordered),
            }
        )
    )


def _same_ids(concepts: Iterable[Concept]) -> Iterator[Problem]:
    first: dict[str, Concept] = {}
    for concept in concepts:
        winner = first.setdefault(concept.id, concept)
        if winner is not concept:
            message = f'the concept "{concept.id}" is already in {winner.path}:{winner.line}'
            hint = "links lead to that one; rename this one"
            yield problem("RG040", concept.path, concept.line, 1, message, hint)


def _contested(concepts: Iterable[Concept]) -> Iterator[Problem]:
    """Report every claim that loses, at its place, and name the winner."""
    owners: dict[str, Concept] = {}
    for concept in sorted(concepts, key=claim_order):
        for claim in claims(concept):
            owner = owners.setdefault(same_text(claim.text), concept)
            if owner is not concept:
                message = f'"{claim.text}" belongs to {owner.path}:{owner.line}'
                higher = owner.priority > concept.priority
                why = "its priority is higher" if higher else "it comes first"
                yield problem("RG041", *_place(concept, claim), message, why)


def _unknown_links(concepts: Iterable[Concept]) -> Iterator[Problem]:
    concepts = tuple(concepts)
    known = {name for concept in concepts for name in (concept.id, *concept.aliases)}
    hints: dict[str, str] = {}
    for concept in concepts:
        for link in concept.links:
            if link.target in known or slug(link.target) in known:
                continue
            if link.target not in hints and len(hints) < _HINTED:
                hints[link.target] = did_you_mean(link.target, known)
            message = f'unknown concept "{link.target}"'
            yield problem("RG042", *_place(concept, link), message, hints.get(link.target, ""))


def _lonely(concepts: Iterable[Concept]) -> Iterator[Problem]:
    for concept in concepts:
        if not (concept.synonyms or concept.links):
            message = f'"{concept.id}" has neither synonyms nor links'
            hint = "only its name is ever found; add a synonyms:: line"
            yield problem("RG043", concept.path, concept.line, 1, message, hint)


def _too_common(concepts: Iterable[Concept]) -> Iterator[Problem]:
    for concept in concepts:
        for claim in claims(concept):
            text = same_text(claim.text)
            # Two characters are a whole word in Chinese.
            if text in _COMMON or (len(text) < 3 and text.isascii()):
                message = f'"{claim.text}" is found in almost any text'
                hint = "write a phrase of two or more words"
                yield problem("RG044", *_place(concept, claim), message, hint)


def _circles(concepts: Iterable[Concept]) -> Iterator[Problem]:
    """Report each circle of broader concepts once, at its first link."""
    concepts = tuple(concepts)
    ids = {name: concept.id for concept in reversed(concepts) for name in concept.aliases}
    ids |= {concept.id: concept.id for concept in concepts}
    graph: nx.DiGraph[str] = nx.DiGraph()
    places: dict[tuple[str, str], tuple[str, int, int]] = {}
    for concept in concepts:
        for link in concept.links:
            target = ids.get(link.target) or ids.get(slug(link.target))
            if link.kind == "broader" and target:
                graph.add_edge(concept.id, target)
                places.setdefault((concept.id, target), _place(concept, link))
    for knot in nx.strongly_connected_components(graph):
        circle = graph.subgraph(knot)
        if circle.number_of_edges():
            start = min(circle.edges, key=lambda edge: places[edge])
            edges = nx.find_cycle(circle, start[0])
            way = " -> ".join([edges[0][0], *(edge[1] for edge in edges)])
            message = f"broader leads back to where it began: {way}"
            yield problem("RG045", *places[edges[0][:2]], message, "remove one of these links")


def _place(concept: Concept, named: Synonym | Link) -> tuple[str, int, int]:
    return concept.path, named.line, named.column
