"""Candidates in the order of a strategy at this moment, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Final

from haystacks.health.measures import Measures
from haystacks.pool import Candidate
from kg.value import value
from roles.facts import Facts
from roles.live import Live
from roles.role import Role, Strategy
from roles.score import scores
from roles.strategy import order
from roles.turn_cost import turn_costs
from roles.weights import Weights, weights_of

# How many candidates must have enough samples: one alone is compared with nothing.
COMPARABLE: Final = 2


@value
class Ranking:
    """The same candidates, first choice first, and why; ``confidence`` is 0 to 1."""

    candidates: tuple[Candidate, ...]
    reason: str
    confidence: float


@value
class Undecided:
    """Too little is known to prefer one candidate to another; the reason says of which."""

    reason: str


def ranked(
    candidates: Sequence[Candidate], strategy: Strategy, facts: Facts, live: Live, role: Role
) -> Ranking:
    """Return the candidates by a strategy: the role's own, or another.

    ``cost_first`` takes the estimate of what the turn would cost; ``latency_first``,
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
    """Return two or more candidates, the cheapest for the turn first.

    Unknown prices come last, and equals stay in their order.
    """
    usd = turn_costs(candidates, facts, live)
    ranks = [inf if each is None else each for each in usd]
    first, second, *others = sorted(range(len(ranks)), key=ranks.__getitem__)
    if usd[first] is None:
        return Undecided("no price is known")
    return Ranking(
        candidates=tuple([candidates[at] for at in (first, second, *others)]),
        reason=f"{candidates[first]} at {_money(usd[first])}, "
        f"then {candidates[second]} at {_money(usd[second])}",
        confidence=1.0,
    )


def by_score(
    candidates: Sequence[Candidate], strategy: Strategy, facts: Facts, live: Live, role: Role
) -> Ranking | Undecided:
    """Return two or more candidates, the best by what was measured first.

    Those outside of the role's thresholds come last. Of the others, one with
    too few samples keeps its place: what a person wrote holds until more is known.
    """
    thresholds = role.performance
    known: dict[int, Measures] = {}
    lacking: dict[int, int] = {}
    below: dict[int, str] = {}
    for at, candidate in enumerate(candidates):
        shown = live.measures(candidate)
        if shown is None or shown.samples < thresholds.min_samples:
            lacking[at] = thresholds.missing(shown)
        elif reason := thresholds.below(candidate.model, shown):
            below[at] = reason
        else:
            known[at] = shown
    if len(known) + len(below) < COMPARABLE:
        return Undecided(f"samples are missing: {_counts(lacking, candidates)}")

    score = _best_first(known, candidates, facts, live, weights_of(strategy, role))
    places = [*score]
    reasons = [_told(candidates[at], known[at], score[at]) for at in places[:COMPARABLE]]
    if lacking or below:
        ranking = iter(score)
        within = [at for at in range(len(candidates)) if at not in below]
        places = [at if at in lacking else next(ranking) for at in within] + [*below]
    if lacking:
        reasons.append(f"in place, as samples are missing: {_counts(lacking, candidates)}")
    reasons += [f"last {candidates[at]}: {reason}" for at, reason in below.items()]
    samples = known[places[0]].samples if places[0] in known else 0.0
    return Ranking(
        candidates=tuple([candidates[at] for at in places]),
        reason="; ".join(reasons),
        confidence=samples / (samples + thresholds.min_samples),
    )


def _best_first(
    known: Mapping[int, Measures],
    candidates: Sequence[Candidate],
    facts: Facts,
    live: Live,
    weights: Weights,
) -> dict[int, float]:
    """Return the score of each by its place, the best first.

    Scores that agree to a hundredth are as good as equal: of these, the
    candidate with fewer calls under way comes first.
    """
    if not known:
        return {}
    found = [candidates[at] for at in known]
    prices = turn_costs(found, facts, live) if weights["cost"] else [None] * len(found)
    score = scores([each.model for each in found], [*known.values()], prices, weights)
    ranks = sorted(
        [
            (-round(each, 2), shown.in_flight, -each, at)
            for (at, shown), each in zip(known.items(), score, strict=True)
        ]
    )
    return {at: -exact for _, _, exact, at in ranks}


def _told(candidate: Candidate, shown: Measures, score: float) -> str:
    return (
        f"{candidate} scores {score:.2f} ({shown.first_token:.2f} s, "
        f"{shown.tokens_per_second:.0f} tokens/s, {shown.success:.0%} success)"
    )


def _counts(lacking: Mapping[int, int], candidates: Sequence[Candidate]) -> str:
    return ", ".join([f"{missing} of {candidates[at]}" for at, missing in lacking.items()])


def _money(usd: float | None) -> str:
    return "an unknown price" if usd is None else f"about ${usd:.6f}"
