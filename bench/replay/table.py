"""The day's outcome by role, as numbers, as a table for people, and as one for the README."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from bench.replay.run import Outcome

COLUMNS = (
    "Role", "Way", "Requests", "Turns", "USD", "Read from cache", "Other model, next turn",
    "Other model, same turn", "Quality", "Phases",
)  # fmt: skip


@dataclass(slots=True)
class Row:
    """One role (or all of them) under one policy.

    ``between`` are turns that another model began than ended the one before in
    the same conversation; ``inside`` are changes within a turn, and ``forced``
    those of them where the model before could not take the request.
    """

    role: str
    policy: str
    requests: int = 0
    turns: int = 0
    usd: float = 0.0
    input: int = 0
    cached: int = 0
    output: int = 0
    quality: float = 0.0
    between: int = 0
    inside: int = 0
    forced: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    _last: dict[str, tuple[str, tuple[str, str]]] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Count one request; they come in the order of time."""
        usage = outcome.charge.usage
        read, output = usage["cache_read_input_tokens"], usage["output_tokens"]
        self.requests += 1
        self.usd += outcome.charge.usd
        self.input += read + usage["input_tokens"] + usage["cache_creation_input_tokens"]
        self.cached += read
        self.output += output
        self.quality += outcome.candidate.model.quality * output
        self.phases[outcome.phase] += 1
        ask, candidate = outcome.ask, outcome.candidate.key
        turn, before = self._last.get(ask.lane, ("", candidate))
        self.turns += turn != ask.turn
        if before != candidate:
            self.between += turn != ask.turn
            self.inside += turn == ask.turn
            self.forced += turn == ask.turn and outcome.forced
        self._last[ask.lane] = (ask.turn, candidate)

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers that the table shows."""
        return {
            "role": self.role,
            "policy": self.policy,
            "requests": self.requests,
            "turns": self.turns,
            "usd": round(self.usd, 4),
            "cached": round(self.cached / max(self.input, 1), 4),
            "switches_between_turns": self.between,
            "switches_inside_turns": self.inside,
            "forced": self.forced,
            "quality": round(self.quality / max(self.output, 1), 4),
            "phases": {name: round(n / self.requests, 4) for name, n in self.phases.most_common()},
        }


def rows(policy: str, outcomes: Iterable[Outcome]) -> list[Row]:
    """Return a row for each role, by name, and one for all of them together."""
    found: dict[str, Row] = {}
    total = Row("all", policy)
    for outcome in outcomes:
        role = outcome.ask.role
        found.setdefault(role, Row(role, policy)).add(outcome)
        total.add(outcome)
    return [*(found[role] for role in sorted(found)), total]


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as the tables show it."""
    told = row.as_dict()
    phases = ", ".join(f"{name} {share:.0%}" for name, share in told["phases"].items())
    return (
        row.role,
        row.policy,
        f"{row.requests:,}",
        f"{row.turns:,}",
        f"{row.usd:,.2f}",
        f"{told['cached']:.0%}",
        f"{row.between:,}",
        f"{row.inside:,}" + (f" ({row.forced:,} forced)" if row.forced else ""),
        f"{told['quality']:.2f}",
        phases if row.policy == "routed" else "",
    )


def shown(every: Iterable[Row]) -> Table:
    """Return the table for a terminal."""
    table = Table(*COLUMNS)
    for row in every:
        table.add_row(*cells(row), end_section=row.policy.startswith("cheapest"))
    return table


def markdown(every: Iterable[Row]) -> str:
    """Return the table for the README."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'--|' * len(COLUMNS)}"]
    lines += (f"| {' | '.join(cells(row))} |" for row in every)
    return "\n".join(lines) + "\n"
