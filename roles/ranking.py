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
from roles.score import Contender, scores
from roles.strategy import order
from roles.weights import weights_of

# How many candidates must have enough samples: one alone is compared with nothing.
MEASURED: Final = 2


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

    One with too few samples keeps the place that it has among those within the
    role's thresholds: what a person wrote holds until more is known. Those
    outside of the thresholds come last. Scores that agree to a hundredth are as
    good as equal: of these, the candidate with fewer calls under way comes first.
    """
    performance = role.performance
    contenders: dict[int, Contender] = {}
    lacking: dict[int, int] = {}
    for place, candidate in enumerate(candidates):
        measures = live.measures(candidate)
        if missing := performance.missing(measures):
            lacking[place] = missing
        elif measures:
            usd = estimate(facts, candidate, live)
            contenders[place] = Contender(candidate, measures, usd)
    short = ", ".join([f"{missing} of {candidates[place]}" for place, missing in lacking.items()])
    if len(contenders) < MEASURED:
        return Undecided(f"samples are missing: {short}")

    weights = weights_of(strategy, role)
    score = dict(zip(contenders, scores([*contenders.values()], weights), strict=True))
    best = sorted(
        contenders,
        key=lambda at: (-round(score[at], 2), contenders[at].measures.in_flight, -score[at]),
    )
    below = {at: why for at in best if (why := performance.below(contenders[at].measures))}
    standing = iter([at for at in best if at not in below])
    within = [at for at in range(len(candidates)) if at not in below]
    places = [at if at in lacking else next(standing) for at in within] + [*below]

    told = [_told(contenders[at], score[at]) for at in places if at in contenders]
    reason = f"{told[0]}, then {told[1]}"
    if short:
        reason += f"; in their places, with samples missing: {short}"
    for at, why in below.items():
        reason += f"; last {candidates[at]}: {why}"
    surest = contenders[places[0]].measures.samples if places[0] in contenders else 0.0
    return Ranking(
        tuple([candidates[at] for at in places]),
        reason,
        surest / (surest + performance.min_samples),
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
