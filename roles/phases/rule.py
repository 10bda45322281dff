"""The rules of a role: the first part of phase 1, before the concepts' own routes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from rolegraph.match import Hit
from roles.complexity import complexity
from roles.decision import Skipped
from roles.facts import Facts
from roles.filters import sift
from roles.live import Live
from roles.phases.answer import Answer, Pass
from roles.phases.scenario import fitting
from roles.ranking import ranked
from roles.role import Rule, Strategy
from roles.view import View


def by_rule(facts: Facts, view: View, live: Live, hits: Sequence[Hit]) -> Answer | Pass:
    """Answer with the first rule that holds and has an open candidate.

    ``hits`` are the concepts found. The answer has the transformers of the one
    that the rule asked for, or else of the best one.
    """
    found = frozenset(name for hit in hits for name in _names(hit))
    score: Callable[[], float] = cache(lambda: complexity(facts, len(hits)).score)
    skipped: list[Skipped] = []
    for number, rule in enumerate(view.role.rules, start=1):
        if not rule.when.holds(facts, live, found, score):
            continue
        said = _led(rule, facts, view, live)
        skipped += [Skipped(out.candidate, f"rule {number}: {out.reason}") for out in said.skipped]
        if isinstance(said, Pass):
            continue
        asked = rule.when.concepts
        hit = next((each for each in hits if not asked or not _names(each).isdisjoint(asked)), None)
        return Answer(
            candidates=said.candidates,
            reason=f"rule {number} ({rule.when}){said.reason}",
            concept=hit.concept.id if hit and asked else "",
            scenario=said.scenario,
            skipped=tuple(skipped),
            transforms=tuple(each.name for each in hit.concept.transforms) if hit else (),
        )
    return Pass("no rule holds that is open" if skipped else "no rule holds", tuple(skipped))


def _names(hit: Hit) -> frozenset[str]:
    return frozenset(name.lower() for name in (hit.concept.id, *hit.concept.aliases))


def _led(rule: Rule, facts: Facts, view: View, live: Live) -> Answer | Pass:
    """Return the open candidates that a rule leads to."""
    if rule.strategy:
        return _ranked(rule.strategy, facts, view, live)
    chain = [link for to in rule.route for link in view.offer.chain(to.haystack, to.model)]
    fit, out = sift(chain, facts, live)
    return Answer(tuple(fit), "", skipped=tuple(out)) if fit else Pass("", tuple(out))


def _ranked(strategy: Strategy, facts: Facts, view: View, live: Live) -> Answer | Pass:
    """Return the candidates of the first scenario that fits and is open, by a strategy."""
    skipped: list[Skipped] = []
    for each in fitting(facts, view, live):
        skipped += each.skipped
        if each.candidates:
            ranking = ranked(each.candidates, strategy, facts, live, view.role)
            reason = f": {each.name} by {ranking.reason}"
            return Answer(ranking.candidates, reason, scenario=each.name, skipped=tuple(skipped))
    return Pass("", tuple(skipped))
