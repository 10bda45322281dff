"""How good a measured candidate is: parts from 0 to 1, weighted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from haystacks.measures import Measures
from haystacks.pool import Candidate
from roles.weights import Weights


@dataclass(frozen=True, slots=True)
class Contender:
    """A candidate with its measures, and the estimate of this request's cost in US dollars."""

    candidate: Candidate
    measures: Measures
    usd: float | None


def best_first(contenders: Mapping[int, Contender], weights: Weights) -> dict[int, float]:
    """Return the score of each by its place, the best first.

    Scores that agree to a hundredth are as good as equal: of these, the
    candidate with fewer calls under way comes first.
    """
    score = dict(zip(contenders, _scores([*contenders.values()], weights), strict=True))

    def rank(place: int) -> tuple[float, int, float]:
        exact = score[place]
        return (-round(exact, 2), contenders[place].measures.in_flight, -exact)

    return {place: score[place] for place in sorted(score, key=rank)}


def _scores(contenders: list[Contender], weights: Weights) -> list[float]:
    """Return a score from 0 to 1 for each: the mean of its parts, weighted.

    - cost: ``1 - usd / dearest``; an unknown price counts as half of the dearest.
    - quality, throughput, success: the share of the best one's.
    - latency: ``1 / (1 + seconds behind the quickest)``, so that a few
      milliseconds are next to nothing, however quick both are.
    """
    total = sum(weights.values()) or 1.0
    dearest = max((each.usd for each in contenders if each.usd), default=0.0)
    quickest = min(each.measures.first_token for each in contenders)
    best = max(each.candidate.model.quality for each in contenders)
    swiftest = max(each.measures.tokens_per_second for each in contenders)
    surest = max(each.measures.success for each in contenders)
    return [
        (
            weights["cost"] * (1 - (0.5 if each.usd is None else _share(each.usd, dearest)))
            + weights["quality"] * _share(each.candidate.model.quality, best)
            + weights["latency"] / (1 + each.measures.first_token - quickest)
            + weights["throughput"] * _share(each.measures.tokens_per_second, swiftest)
            + weights["success"] * _share(each.measures.success, surest)
        )
        / total
        for each in contenders
    ]


def _share(value: float, most: float) -> float:
    """Return what part of the most a value is; where all are nothing, none is behind."""
    return value / most if most else 0.0
