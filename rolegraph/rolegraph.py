"""A rolegraph: all concepts of a role, compiled to be found in a text."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from kg.claim import claim_order
from kg.concept import Concept
from rolegraph.automaton import Automaton, Boundary, Found, build_automaton
from rolegraph.fold import fold, fold_pattern, origins, squeeze
from rolegraph.graph import ConceptGraph, build_graph
from rolegraph.match import Hit, Match
from rolegraph.owners import Owners, claim

# As many patterns build in some 10 ms, in part of which no request moves: a rolegraph
# no larger than this is compiled anew by each edit.
SMALL: Final = 5_000


@dataclass(frozen=True, slots=True)
class Rolegraph:
    """What a text means to one role. Immutable; an edit makes another one."""

    graph: ConceptGraph
    boundary: Boundary
    _patterns: Owners
    _automaton: Automaton

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """All concepts, in the order of their files."""
        return self.graph.concepts

    @property
    def size(self) -> int:
        """How many patterns can be found."""
        return len(self._patterns)

    @property
    def overlay_size(self) -> int:
        """How many patterns were edited since the big automaton was built: each costs a little."""
        return len(self._patterns.edits)

    def matches(self, text: str) -> tuple[Match, ...]:
        """Return every pattern found, not overlapping, in text order."""
        squeezed, parts = squeeze(fold(text))
        return tuple(self._matches(self._automaton.find(squeezed), parts))

    def hits(self, text: str) -> tuple[Hit, ...]:
        """Return each concept found once, at its first occurrence, the best first.

        Best is the highest effective priority, then the earliest in the text. A
        concept that can reach no routes ranks by its own priority.
        """
        squeezed, parts = squeeze(fold(text))
        every = self._automaton.find(squeezed)
        if not every:
            return ()
        once: dict[str, Found] = {}
        for found in every:
            once.setdefault(found[2], found)
        first: dict[tuple[str, int], Match] = {}
        for match in self._matches(once.values(), parts):
            first.setdefault((match.concept.path, match.concept.line), match)
        return tuple(sorted(map(self._hit, first.values()), key=_rank))

    def replaced(self, removed: Iterable[Concept], added: Iterable[Concept]) -> Rolegraph:
        """Return the rolegraph after an edit, equal to one compiled from scratch.

        It costs what was edited: the big automaton is shared with this one, and
        this one goes on serving as it was.
        """
        removed, added = tuple(removed), tuple(added)
        if not (removed or added):
            return self
        if self.size <= SMALL:
            gone = frozenset(removed)
            kept = (concept for concept in self.concepts if concept not in gone)
            return compile_rolegraph((*kept, *added), boundary=self.boundary)
        patterns = self._patterns.edited(removed, added)
        automaton = self._automaton.overlaid(
            added=(pattern for pattern, claimants in patterns.edits.items() if claimants),
            struck=(pattern for pattern, claimants in patterns.edits.items() if not claimants),
        )
        return Rolegraph(self.graph.edited(removed, added), self.boundary, patterns, automaton)

    def merged(self) -> Rolegraph:
        """Return the same rolegraph with one automaton; it takes as long as compiling."""
        return compile_rolegraph(self.concepts, boundary=self.boundary)

    def _matches(self, each: Collection[Found], parts: list[str]) -> list[Match]:
        """Return what was found in the squeezed text as it stands in the text as it was given."""
        if len(parts) > 1 and each:
            origin = origins(parts)
            each = [(origin(start), origin(end), pattern) for start, end, pattern in each]
        claimants = self._patterns.claimants
        return [Match(start, end, found, claimants(found)[0]) for start, end, found in each]

    def _hit(self, match: Match) -> Hit:
        concept = match.concept
        inheritance = self.graph.inherit(concept)
        return Hit(
            concept,
            match,
            inheritance.routes,
            concept.priority * inheritance.decay,
            tuple(each.id for each in inheritance.path),
        )


def compile_rolegraph(concepts: Iterable[Concept], *, boundary: Boundary = "word") -> Rolegraph:
    """Compile concepts to a rolegraph, the same whatever order they come in.

    With the boundary ``none`` a pattern is also found inside a word.
    """
    concepts = tuple(concepts)
    patterns = claim(concepts, patterns_of, lambda _pattern, concept: claim_order(concept))
    automaton = build_automaton((pattern for pattern, _ in patterns.items()), boundary)
    return Rolegraph(build_graph(concepts), boundary, patterns, automaton)


def patterns_of(concept: Concept) -> set[str]:
    """Return what a concept is found by, folded: its synonyms, and its id as words."""
    words = concept.id.replace("-", " ").replace("_", " ")
    each = {fold_pattern(synonym.text) for synonym in concept.synonyms}
    each.add(fold_pattern(words))
    each.discard("")
    return each


def _rank(hit: Hit) -> tuple[float, int]:
    # Matches do not overlap, so no two begin at one place.
    return (-hit.priority, hit.match.start)
