"""What was found in a text, and what it leads to."""

from __future__ import annotations

from kg.concept import Concept, Route
from kg.value import value


@value
class Match:
    """A pattern found at ``text[start:end]`` of the text as it was given."""

    start: int
    end: int
    pattern: str
    concept: Concept


@value
class Hit:
    """A concept found in a text, at its first occurrence, with the routes it has or inherits.

    ``inherited`` is the way through the graph, concept ids from the matched one
    to the one whose routes these are; empty where the routes are its own.
    ``priority`` is effective: decayed by 0.9 for each step of that way.
    ``routes`` is empty where no concept with a route can be reached.
    """

    concept: Concept
    match: Match
    routes: tuple[Route, ...]
    priority: float
    inherited: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """Effective priority as a share of 1."""
        return self.priority / 100
