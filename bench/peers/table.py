"""The outcomes as rows: the median of the rounds, lowest and highest, and how often Rolegraph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any, Final

from rich.table import Table

from bench.peers.lineup import OURS
from bench.peers.rounds import Outcome
from bench.peers.sample import Sample

COLUMNS: Final = (
    "Proxy", "Provider's dialect", "CPU of one request, us", "x Rolegraph", "Requests a second",
    "CPU of one streamed event, us", "x Rolegraph",
)  # fmt: skip


def rows(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """Return the columns of each peer that was measured.

    A ratio is the median of the rounds' own, since a round compares what ran
    within seconds: it need not be the ratio of the medians beside it.
    """
    ours = {each.peer.way: each.samples for each in outcomes if each.peer.name == OURS}
    told: list[tuple[str, ...]] = []
    for each in outcomes:
        if each.samples:
            beside = ours.get(each.peer.way, ())
            told.append(
                (
                    _named(each),
                    each.peer.way,
                    spread(sample.request_us for sample in each.samples),
                    ratio(each.samples, beside, lambda sample: sample.request_us),
                    spread(sample.rate for sample in each.samples),
                    spread(sample.event_us for sample in each.samples),
                    ratio(each.samples, beside, lambda sample: sample.event_us),
                )
            )
    return told


def left_out(outcomes: Iterable[Outcome]) -> list[str]:
    """Return a line for each peer that was not measured: who, and why."""
    return [
        f"{each.peer.name}, {each.peer.way}: {each.left_out}" for each in outcomes if each.left_out
    ]


def spread(values: Iterable[float]) -> str:
    """Return ``median (lowest-highest)``."""
    ordered = sorted(values)
    return f"{_short(median(ordered))} ({_short(ordered[0])}-{_short(ordered[-1])})"


def ratio(
    theirs: Sequence[Sample], ours: Sequence[Sample], number: Callable[[Sample], float]
) -> str:
    """Return how often ours theirs is, a round's with the same round's; a dash without ours."""
    each = [number(their) / number(our) for their, our in zip(theirs, ours, strict=False)]
    return _short(median(each)) if each else "-"


def shown(told: Iterable[tuple[str, ...]]) -> Table:
    """Return the rows as a table for people."""
    table = Table(*COLUMNS)
    for row in told:
        table.add_row(*row)
    return table


def markdown(told: Iterable[tuple[str, ...]]) -> str:
    """Return the rows as a table for a page."""
    lines = (f"| {' | '.join(row)} |\n" for row in (COLUMNS, *told))
    return next(lines) + "|--" * len(COLUMNS) + "|\n" + "".join(lines)


def numbers(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return all that was measured, for JSON."""
    return [
        {
            "name": each.peer.name,
            "version": each.version,
            "way": each.peer.way,
            "left_out": each.left_out,
            "rounds": [asdict(sample) for sample in each.samples],
        }
        for each in outcomes
    ]


def _named(outcome: Outcome) -> str:
    name = f"{outcome.peer.name} {outcome.version}".rstrip()
    return f"{name}, {outcome.peer.note}" if outcome.peer.note else name


def _short(value: float) -> str:
    """Write as many digits as were measured: about three."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
