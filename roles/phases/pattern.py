"""Phase 1: what the text means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from haystacks.pool import Candidate
from kg.concept import Concept, Route
from rolegraph.match import Hit
from rolegraph.trigger import TriggerIndex
from roles.decision import Matched, Skipped
from roles.facts import Facts
from roles.filters import sift
from roles.live import Live
from roles.phases.answer import Answer, Pass
from roles.phases.rule import by_rule
from roles.view import View

# Terraphim's bound: a match must be surer than this to beat the role's default concept.
BEATS_DEFAULT = 0.7


def pattern(facts: Facts, view: View, live: Live) -> Answer | Pass:
    """Answer with the chain of the best concept found that has a candidate.

    Before it comes the role's first rule that holds and has one. The role's
    ``default_concept`` decides where no match is surer than 0.7, and the
    concepts' triggers, if the role asks them, where nothing matched.
    """
    hits = view.rolegraph.hits(facts.text) if facts.text else ()
    matched = tuple([_matched(hit) for hit in hits])
    skipped: list[Skipped] = []
    why = ""
    if view.role.rules:
        ruled = by_rule(facts, view, live, hits)
        if isinstance(ruled, Answer):
            return replace(ruled, matched=matched)
        skipped += ruled.skipped
        why = f"{ruled.reason}; "
    default = view.role.default_concept
    for hit in hits:
        if default and hit.confidence <= BEATS_DEFAULT:
            break
        fit, out = _routed(hit.routes, facts, view, live)
        skipped += out
        if fit:
            return Answer(
                candidates=tuple(fit),
                reason=_because(hit),
                confidence=hit.confidence,
                concept=hit.concept.id,
                skipped=tuple(skipped),
                matched=matched,
                transforms=_transforms(hit.concept),
            )
    if default:
        reason = f'nothing surer than {BEATS_DEFAULT} beats the default concept "{default}"'
        answer = of_concept(default, reason, BEATS_DEFAULT, facts, view, live)
    elif not hits and facts.text and view.triggers and view.role.trigger_threshold is not None:
        answer = _triggered(facts, view, live, view.triggers, view.role.trigger_threshold)
    else:
        return Pass(why + _none(hits), tuple(skipped), matched)
    return replace(answer, skipped=(*skipped, *answer.skipped), matched=matched)


def of_concept(
    name: str, reason: str, confidence: float, facts: Facts, view: View, live: Live
) -> Answer | Pass:
    """Answer with the routes that a concept has or inherits, whatever the text says."""
    graph = view.rolegraph.graph
    concept = graph.find(name)
    if concept is None:
        return Pass(f'there is no concept "{name}"')
    fit, skipped = _routed(graph.inherit(concept).routes, facts, view, live)
    if not fit:
        return Pass(f'the concept "{name}" has no route that is open', tuple(skipped))
    return Answer(
        tuple(fit),
        reason,
        confidence,
        concept=concept.id,
        skipped=tuple(skipped),
        transforms=_transforms(concept),
    )


def _transforms(concept: Concept) -> tuple[str, ...]:
    return tuple([transform.name for transform in concept.transforms])


def _triggered(
    facts: Facts, view: View, live: Live, triggers: TriggerIndex, threshold: float
) -> Answer | Pass:
    best = triggers.best(facts.text, threshold)
    if best is None:
        return Pass("no concept matched, and no trigger is like the text")
    concept, likeness = best
    reason = f'the trigger of "{concept.id}" is like the text ({likeness:.2f})'
    return of_concept(concept.id, reason, likeness, facts, view, live)


def _routed(
    routes: Iterable[Route], facts: Facts, view: View, live: Live
) -> tuple[list[Candidate], list[Skipped]]:
    chain = view.offer.chain
    return sift([link for r in routes for link in chain(r.provider, r.model)], facts, live)


def _none(hits: tuple[Hit, ...]) -> str:
    if not hits:
        return "no concept matched"
    if any(hit.routes for hit in hits):
        return "no matched concept has a route that is open"
    return "no matched concept has a route"


def _because(hit: Hit) -> str:
    reason = f'"{hit.match.pattern}" means {hit.concept.id}, priority {hit.priority:.0f}'
    return f"{reason}, by way of {' > '.join(hit.inherited)}" if hit.inherited else reason


def _matched(hit: Hit) -> Matched:
    match = hit.match
    return Matched(
        concept=hit.concept.id,
        path=hit.concept.path,
        synonym=match.pattern,
        start=match.start,
        end=match.end,
        priority=hit.priority,
        inherited=hit.inherited,
        routes=tuple([f"{route.provider},{route.model}" for route in hit.routes]),
    )
