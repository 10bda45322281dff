"""Phase 4: what has lately answered best, where enough was measured."""

from __future__ import annotations

from collections.abc import Sequence

from haystacks.pool import Candidate
from roles.facts import Facts
from roles.live import Live
from roles.performance import Performance
from roles.phases.answer import Answer, Pass
from roles.phases.scenario import choice
from roles.ranking import Ranking, Undecided, by_score
from roles.view import View
from roles.weights import WEIGHTS


def performance(facts: Facts, view: View, live: Live) -> Answer | Pass:
    """Answer with the scenario's candidates, the best by the strategy's weights first.

    Of ``explore`` requests, the one of which least is known comes first instead.
    """
    role = view.role
    if role.strategy not in WEIGHTS:
        return Pass(f"the strategy {role.strategy} asks no measures")
    chain = choice(facts, view, live)
    if isinstance(chain, Pass):
        return chain
    said = by_score(chain.candidates, role.strategy, facts, live, role)
    if live.chance < role.performance.explore:
        order = chain.candidates if isinstance(said, Undecided) else said.candidates
        said = _explored(order, live, role.performance) or said
    if isinstance(said, Undecided):
        return Pass(said.reason)
    return Answer(
        candidates=said.candidates,
        reason=f"{role.strategy}: {said.reason}",
        confidence=said.confidence,
        scenario=chain.name,
        skipped=chain.skipped,
    )


def _explored(order: Sequence[Candidate], live: Live, thresholds: Performance) -> Ranking | None:
    """Return the candidates, the one within the thresholds that has fewest samples first."""
    known = [(candidate, live.measures(candidate)) for candidate in order]
    within = [
        (measures.samples if measures else 0.0, place)
        for place, (candidate, measures) in enumerate(known)
        if not measures
        or thresholds.missing(measures)
        or not thresholds.below(candidate.model, measures)
    ]
    if not within:
        return None
    samples, place = min(within)
    least = order[place]
    others = (*order[:place], *order[place + 1 :])
    return Ranking((least, *others), f"explores {least}, of {samples:.0f} samples", 0.0)
