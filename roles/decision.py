"""The answer of routing: ordered candidates, and why."""

from __future__ import annotations

from typing import Any, Literal

from haystacks.pool import Candidate
from kg.value import value

PhaseName = Literal["explicit", "pattern", "session", "cost", "performance", "scenario"]

# What may have decided: a phase, or the home's own router after them.
Decider = PhaseName | Literal["router"]


@value
class Skipped:
    """A candidate that a filter took out, and the filter's reason."""

    candidate: str
    reason: str


@value
class Matched:
    """One concept found in the text: what, where, and the way to its route."""

    concept: str
    path: str
    synonym: str
    start: int
    end: int
    priority: float
    inherited: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()


@value
class Step:
    """What one phase said, or the home's own router."""

    phase: Decider
    answered: bool
    reason: str
    skipped: tuple[Skipped, ...] = ()


@value
class Decision:
    """Where the request goes, first candidate first, and the trace of why.

    ``confidence`` is 0 to 1; ``generation`` is that of the snapshot it was made from.
    ``transforms`` are the transformers that the concept names.
    """

    role: str
    phase: Decider
    candidates: tuple[Candidate, ...]
    confidence: float
    concept: str = ""
    scenario: str = ""
    matched: tuple[Matched, ...] = ()
    transforms: tuple[str, ...] = ()
    trace: tuple[Step, ...] = ()
    generation: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form that ``/api/route`` and ``explain --json`` show."""
        return {
            "role": self.role,
            "phase": self.phase,
            "concept": self.concept or None,
            "scenario": self.scenario or None,
            "transforms": list(self.transforms),
            "confidence": self.confidence,
            "generation": self.generation,
            "candidates": [
                {"haystack": c.haystack.name, "model": c.model.id} for c in self.candidates
            ],
            "matched": [
                {
                    "concept": m.concept,
                    "path": m.path,
                    "synonym": m.synonym,
                    "start": m.start,
                    "end": m.end,
                    "priority": m.priority,
                    "inherited": list(m.inherited),
                    "routes": list(m.routes),
                }
                for m in self.matched
            ],
            "trace": [
                {
                    "phase": s.phase,
                    "answered": s.answered,
                    "reason": s.reason,
                    "skipped": [{"candidate": k.candidate, "reason": k.reason} for k in s.skipped],
                }
                for s in self.trace
            ],
        }
