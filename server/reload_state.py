"""How the last reload ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kg.problem import Problem
from server.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class ReloadState:
    """How the last reload ended. ``at`` is UTC, ``ms`` how long it took to build."""

    ok: bool
    generation: int
    at: datetime
    ms: float
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form that ``/api/reload`` shows."""
        return {
            "ok": self.ok,
            "generation": self.generation,
            "at": self.at.isoformat(timespec="milliseconds"),
            "ms": self.ms,
            "problems": [problem.as_dict() for problem in self.problems],
        }


def first_state(snapshot: Snapshot) -> ReloadState:
    """Return the state of a server that has just started."""
    return ReloadState(
        ok=True,
        generation=snapshot.generation,
        at=datetime.now(UTC),
        ms=0.0,
        problems=snapshot.problems,
    )
