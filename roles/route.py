"""Routing: the role's phases are asked in order, and the first that answers wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from haystacks.errors import BudgetExceeded, NoCandidate
from haystacks.pool import Candidate
from roles.decision import Decision, Matched, PhaseName, Skipped, Step
from roles.facts import Facts
from roles.filters import listed
from roles.live import AT_REST, Live
from roles.phases.answer import Answer, Pass, Phase
from roles.phases.explicit import explicit
from roles.phases.pattern import pattern
from roles.phases.scenario import scenario
from roles.view import View

PHASE_TABLE: Mapping[PhaseName, Phase] = MappingProxyType(
    {"explicit": explicit, "pattern": pattern, "scenario": scenario}
)


def route(facts: Facts, view: View, live: Live = AT_REST) -> Decision:
    """Return where the request goes, and why.

    The candidates are the winning phase's. The scenarios' follow as the last
    resort of a failover, unless the client named the model: then that one
    answers or none. A phase of the role that is not in the table is passed over.
    Where all that could answer is closed at the moment, it is asked all the same.

    Raises ``NotFound`` and ``NoCandidate``, each naming what stands in the way,
    and ``BudgetExceeded``.
    """
    allowance = live.allowance
    if allowance.spent and not allowance.free_only:
        raise BudgetExceeded(allowance.spent)
    try:
        return _route(facts, view, live)
    except NoCandidate:
        if live.closed is AT_REST.closed:
            raise
        return _route(facts, view, replace(live, closed=AT_REST.closed))


def _route(facts: Facts, view: View, live: Live) -> Decision:
    trace: list[Step] = []
    skipped: list[Skipped] = []
    matched: tuple[Matched, ...] = ()
    phases = view.role.phases
    for name in phases:
        ask = PHASE_TABLE.get(name)
        if ask is None:
            continue
        said = ask(facts, view, live)
        trace.append(Step(name, isinstance(said, Answer), said.reason, said.skipped))
        matched = said.matched or matched
        if isinstance(said, Pass):
            skipped += said.skipped
            continue
        candidates = said.candidates
        if name != "scenario" and "scenario" in phases and not said.exact:
            candidates = _and_last_resort(candidates, facts, view, live, trace)
        return Decision(
            role=view.role.handle,
            phase=name,
            candidates=candidates,
            confidence=said.confidence,
            concept=said.concept,
            scenario=said.scenario,
            matched=matched,
            transforms=said.transforms,
            trace=tuple(trace),
            generation=view.generation,
        )
    why = listed(skipped) or "its phases name none"
    raise NoCandidate(f'the role "{view.role.handle}" has no model for this request: {why}')


def _and_last_resort(
    candidates: tuple[Candidate, ...], facts: Facts, view: View, live: Live, trace: list[Step]
) -> tuple[Candidate, ...]:
    said = scenario(facts, view, live)
    if isinstance(said, Pass):
        return candidates
    trace.append(Step("scenario", answered=False, reason=f"kept as the last resort: {said.reason}"))
    taken = {candidate.key for candidate in candidates}
    return (*candidates, *[each for each in said.candidates if each.key not in taken])
