"""Candidates in the order of a strategy at this moment, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from haystacks.pool import Candidate
from roles.estimate import estimate
from roles.facts import Facts
from roles.live import Live
from roles.role import Role, Strategy
from roles.score import Contender, best_first
from roles.strategy import order
from roles.weights import weights_of

# How many candidates must have enough samples: one alone is compared with nothing.
COMPARABLE: Final = 2


@dataclass(frozen=True, slots=True)
class Ranking:
    """The same candidates, first choice first, and why; ``confidence`` is 0 to 1."""

    candidates: tuple[Candidate, ...]
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Undecided:
    """Too little is known to prefer one candidate to another; the reason says of which."""

    reason: str


def ranked(
    candidates: Sequence[Candidate], strategy: Strategy, facts: Facts, live: Live, role: Role
) -> Ranking:
    """Return the candidates by a strategy: the role's own, or another.

    ``cost_first`` takes the estimate of this request's cost; ``latency_first``,
    ``quality_first`` and ``balanced`` the score of what was measured. Where too
    little is known for either, the order is that of ``roles/strategy.py``, which
    also is that of ``static``. The weights of the role count for its own
    strategy alone, its thresholds for any.
    """
    said: Ranking | Undecided = Undecided("as the files have it")
    if len(candidates) > 1 and strategy == "cost_first":
        said = by_cost(candidates, facts, live)
    elif len(candidates) > 1 and strategy != "static":
        said = by_score(candidates, strategy, facts, live, role)
    if isinstance(said, Undecided):
        return Ranking(order(candidates, strategy), f"{strategy}: {said.reason}", 0.0)
    return Ranking(said.candidates, f"{strategy}: {said.reason}", said.confidence)


def by_cost(candidates: Sequence[Candidate], facts: Facts, live: Live) -> Ranking | Undecided:
    """Return two or more candidates, the cheapest for this request first.

    Unknown prices come last, and equals stay in their order.
    """
    usd = [estimate(facts, candidate, live) for candidate in candidates]
    places = sorted(range(len(usd)), key=lambda place: _or_last(usd[place]))
    first, second = places[:2]
    if usd[first] is None:
        return Undecided("no price is known")
    return Ranking(
        tuple([candidates[place] for place in places]),
        f"{candidates[first]} at {_money(usd[first])}, "
        f"then {candidates[second]} at {_money(usd[second])}",
        1.0,
    )


def by_score(
    candidates: Sequence[Candidate], strategy: Strategy, facts: Facts, live: Live, role: Role
) -> Ranking | Undecided:
    """Return two or more candidates, the best by what was measured first.

    Those outside of the role's thresholds come last. Of the others, one with
    too few samples keeps its place: what a person wrote holds until more is known.
    """
    thresholds = role.performance
    known: dict[int, Contender] = {}
    lacking: dict[int, int] = {}
    for place, candidate in enumerate(candidates):
        measures = live.measures(candidate)
        if measures is None or thresholds.missing(measures):
            lacking[place] = thresholds.missing(measures)
        else:
            known[place] = Contender(candidate, measures, estimate(facts, candidate, live))
    short = ", ".join([f"{missing} of {candidates[place]}" for place, missing in lacking.items()])
    if len(known) < COMPARABLE:
        return Undecided(f"samples are missing: {short}")

    score = best_first(known, weights_of(strategy, role))
    below = {at: why for at in score if (why := thresholds.below(known[at].measures))}
    ranking = iter([at for at in score if at not in below])
    within = [at for at in range(len(candidates)) if at not in below]
    places = [at if at in lacking else next(ranking) for at in within] + [*below]

    told = [_told(known[at], score[at]) for at in places if at in known][:COMPARABLE]
    reason = ", then ".join(told)
    if short:
        reason += f"; kept in place, as samples are missing: {short}"
    for at, why in below.items():
        reason += f"; put last: {candidates[at]}, {why}"
    samples = known[places[0]].measures.samples if places[0] in known else 0.0
    return Ranking(
        candidates=tuple([candidates[at] for at in places]),
        reason=reason,
        confidence=samples / (samples + thresholds.min_samples),
    )


def _told(contender: Contender, score: float) -> str:
    measures = contender.measures
    return (
        f"{contender.candidate} scores {score:.2f} ({measures.first_token:.2f} s, "
        f"{measures.tokens_per_second:.0f} tokens/s, {measures.success:.0%} success)"
    )


def _or_last(usd: float | None) -> float:
    return inf if usd is None else usd


def _money(usd: float | None) -> str:
    return "an unknown price" if usd is None else f"about ${usd:.6f}"
