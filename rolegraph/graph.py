"""The graph of concepts: what each one leads to, and whose routes it inherits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from kg.claim import claim_order
from kg.concept import Concept, Route
from rolegraph.owners import Owners, claim

if TYPE_CHECKING:
    from rolegraph.network import Network

EdgeKind = Literal["broader", "folder", "related", "wiki"]

DECAY: Final = 0.9
# Only a chain of concepts without routes goes on for long. What one matched
# concept may cost a request ends here, at a few milliseconds.
HORIZON: Final = 1_000


@dataclass(frozen=True, slots=True)
class Inheritance:
    """The routes that a concept has or inherits.

    ``path`` holds concepts, from the one that asks to the one whose routes these
    are; it is empty where the routes are its own or none can be reached.
    """

    routes: tuple[Route, ...]
    path: tuple[Concept, ...] = ()

    @property
    def decay(self) -> float:
        """The share of the priority that is left: 0.9 for each step."""
        return DECAY ** max(0, len(self.path) - 1)


class ConceptGraph:
    """The concepts of a rolegraph and the edges that their files draw. Immutable.

    Edges are looked up from the concepts' own links when they are asked for, so
    an edit changes only who has which name. The networkx form is made at its
    first use, which takes seconds where there are 100,000 concepts: ask for
    it in a thread.
    """

    def __init__(self, names: Owners) -> None:
        self._names = names
        self._inherited: dict[tuple[str, int], Inheritance] = {}

    def edited(self, removed: Iterable[Concept], added: Iterable[Concept]) -> ConceptGraph:
        """Return the graph after an edit; this one stays as it is."""
        return ConceptGraph(self._names.edited(removed, added))

    def find(self, name: str) -> Concept | None:
        """Return the concept of that id, or else that alias, whatever its case."""
        return self._names.owner(name.lower())

    def key(self, concept: Concept) -> str:
        """Return the concept's name in the graph: its id, with its place where another has that."""
        if self.find(concept.id) == concept:
            return concept.id
        return f"{concept.id}@{concept.path}:{concept.line}"

    @cached_property
    def concepts(self) -> tuple[Concept, ...]:
        """All concepts, in the order of their files."""
        each = (c for name, claimants in self._names.items() for c in claimants if c.id == name)
        return tuple(sorted(each, key=_place))

    def edges(self, concept: Concept) -> tuple[tuple[Concept, EdgeKind], ...]:
        """Return where the concept leads; of two edges to one concept the nearer kind."""
        kinds: tuple[EdgeKind, ...] = ("broader", "folder", "related", "wiki")
        edges: dict[tuple[str, int], tuple[Concept, EdgeKind]] = {}
        for kind in kinds:
            for target in self._targets(concept, kind):
                if target is not concept:
                    edges.setdefault(_place(target), (target, kind))
        return tuple(edges.values())

    def inherit(self, concept: Concept) -> Inheritance:
        """Return the concept's own routes, or those of the nearest concept that has any.

        The way goes up the ``broader`` edges (a folder is one); only where it ends
        without a route are ``related`` and wiki links followed too. Among equally
        near ones the higher priority wins, then the first path.
        """
        place = _place(concept)
        inheritance = self._inherited.get(place)
        if inheritance is None:
            inheritance = self._inherited[place] = (
                Inheritance(concept.routes)
                if concept.routes
                else self._nearest(concept, {"broader", "folder"})
                or self._nearest(concept, {"broader", "folder", "related", "wiki"})
                or Inheritance(())
            )
        return inheritance

    @cached_property
    def network(self) -> Network:
        """The graph in networkx."""
        # Importing networkx takes a tenth of a second, and few ask for it.
        from rolegraph.network import Network  # noqa: PLC0415 - see above

        return Network(self)

    def _targets(self, concept: Concept, kind: EdgeKind) -> Iterator[Concept]:
        if kind == "folder":
            # The first folder is the source itself, as ``kg`` in a home.
            folders = reversed(concept.path.split("/")[1:-1])
            parents = (self.find(folder) for folder in folders)
            yield from islice((p for p in parents if p is not None and p is not concept), 1)
            return
        for link in concept.links:
            target = self.find(link.target) if link.kind == kind else None
            if target is not None:
                yield target

    def _nearest(self, concept: Concept, kinds: set[EdgeKind]) -> Inheritance | None:
        ways: dict[tuple[str, int], tuple[Concept, ...]] = {_place(concept): (concept,)}
        level = [concept]
        while level and len(ways) < HORIZON:
            further: list[Concept] = []
            for here in level:
                for target, kind in self.edges(here):
                    if kind in kinds and _place(target) not in ways:
                        ways[_place(target)] = (*ways[_place(here)], target)
                        further.append(target)
            level = sorted(further, key=claim_order)
            for target in level:
                if target.routes:
                    return Inheritance(target.routes, ways[_place(target)])
        return None


def build_graph(concepts: Iterable[Concept]) -> ConceptGraph:
    """Return the graph of these concepts. An id goes to the first path, an alias after any id."""
    return ConceptGraph(claim(concepts, _names, _by_id_first))


def _names(concept: Concept) -> set[str]:
    return {concept.id, *(alias.lower() for alias in concept.aliases)}


def _by_id_first(name: str, concept: Concept) -> tuple[bool, str, int]:
    return (concept.id != name, concept.path, concept.line)


def _place(concept: Concept) -> tuple[str, int]:
    return (concept.path, concept.line)
