"""Owners: which concepts claim a name, and which of them has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kg.concept import Concept

Names = Callable[[Concept], Iterable[str]]
Order = Callable[[str, Concept], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Owners:
    """An immutable map from a name to its claimants, the owner first.

    An edit costs what was edited: the big map is shared, and a small one in
    front of it holds the names that have changed (without claimants: gone).
    """

    _names: Names
    _order: Order
    _base: dict[str, tuple[Concept, ...]]
    edits: dict[str, tuple[Concept, ...]]

    def claimants(self, name: str) -> tuple[Concept, ...]:
        """Return all who claim the name, in their order; empty where nobody does."""
        edited = self.edits.get(name)
        return self._base.get(name, ()) if edited is None else edited

    def owner(self, name: str) -> Concept | None:
        """Return the one to whom the name belongs."""
        claimants = self.claimants(name)
        return claimants[0] if claimants else None

    def items(self) -> Iterator[tuple[str, tuple[Concept, ...]]]:
        """Yield each name that is claimed, with its claimants."""
        for name, claimants in self._base.items():
            if name not in self.edits:
                yield name, claimants
        for name, claimants in self.edits.items():
            if claimants:
                yield name, claimants

    def __len__(self) -> int:
        new = sum(name not in self._base for name, claimants in self.edits.items() if claimants)
        gone = sum(name in self._base for name, claimants in self.edits.items() if not claimants)
        return len(self._base) + new - gone

    def edited(self, removed: Iterable[Concept], added: Iterable[Concept]) -> Owners:
        """Return the owners after an edit; where an owner goes, the next claimant follows."""
        edits = dict(self.edits)
        after = Owners(self._names, self._order, self._base, edits)
        for concept in removed:
            for name in self._names(concept):
                edits[name] = tuple(c for c in after.claimants(name) if c != concept)
        for concept in added:
            for name in self._names(concept):
                edits[name] = _ordered(self._order, name, (*after.claimants(name), concept))
        return after


def claim(concepts: Iterable[Concept], names: Names, order: Order) -> Owners:
    """Return the owners of all names that these concepts claim.

    ``names`` yields each name of a concept once; ``order`` is the sort key of
    the claimants of a name.
    """
    base: dict[str, tuple[Concept, ...]] = {}
    for concept in concepts:
        alone = (concept,)  # one tuple for all its names: a tuple each would burden the collector
        for name in names(concept):
            others = base.setdefault(name, alone)
            if others is not alone:
                base[name] = _ordered(order, name, (*others, concept))
    return Owners(names, order, base, {})


def _ordered(order: Order, name: str, claimants: Iterable[Concept]) -> tuple[Concept, ...]:
    return tuple(sorted(claimants, key=lambda concept: order(name, concept)))
