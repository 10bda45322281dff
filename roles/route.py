"""Routing: the role's phases are asked in order, and the first that answers wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from haystacks.errors import NoCandidate
from haystacks.pool import Candidate
from roles.budget import UNLIMITED
from roles.decision import Decision, Matched, PhaseName, Skipped, Step
from roles.facts import Facts
from roles.filters import listed
from roles.live import AT_REST, Live, everything_open
from roles.phases.answer import Answer, Pass, Phase
from roles.phases.cost import cost
from roles.phases.explicit import explicit
from roles.phases.kept import kept, pinned
from roles.phases.pattern import pattern
from roles.phases.performance import performance
from roles.phases.scenario import scenario
from roles.phases.session import session
from roles.room import roomy_first
from roles.view import View

# The session's phase stands beside them: it has to hear the later ones before it answers.
PHASE_TABLE: Mapping[PhaseName, Phase] = MappingProxyType(
    {
        "explicit": explicit,
        "pattern": pattern,
        "cost": cost,
        "performance": performance,
        "scenario": scenario,
    }
)

# What phases have said already.
Heard = dict[PhaseName, Answer | Pass]


def route(facts: Facts, view: View, live: Live = AT_REST) -> Decision:
    """Return where the request goes, and why.

    A pin, and the model of a turn that goes on, yield only to a model that the
    client names. The candidates are the winning phase's. The scenarios' follow
    as the last resort of a failover, unless the client named the model: then
    that one answers or none. Where all that could answer is closed at the
    moment, it is asked all the same.

    Raises ``NotFound`` and ``NoCandidate``, each naming what stands in the way,
    and ``BudgetExceeded``.
    """
    allowance = live.allowance
    if allowance.spent and not allowance.free_only:
        raise allowance.exceeded()
    try:
        return _route(facts, view, live)
    except NoCandidate as none:
        if live.closed is not everything_open:
            return route(facts, view, replace(live, closed=everything_open))
        if not allowance.spent:
            raise
        _route(facts, view, replace(live, allowance=UNLIMITED))  # raises if money is not why
        raise allowance.exceeded() from none


def _route(facts: Facts, view: View, live: Live) -> Decision:
    trace: list[Step] = []
    skipped: list[Skipped] = []
    matched: tuple[Matched, ...] = ()
    phases = view.role.phases
    stays = _stays(facts, view, live, trace)
    heard: Heard = {}
    for name in _asked(phases, stays):
        said = heard.get(name) or _said(name, stays, facts, view, live, heard)
        trace.append(Step(name, isinstance(said, Answer), said.reason, said.skipped))
        matched = said.matched or matched
        if isinstance(said, Pass):
            skipped += said.skipped
            continue
        candidates = said.candidates
        carried = said is stays and len(candidates) > 1  # its last resort is of the turn's begin
        # A mapping may name the default where another scenario fits; nobody else does.
        last = name == "scenario" or (said.scenario == "default" and name != "explicit")
        if "scenario" in phases and not (said.exact or carried or last):
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


def _stays(facts: Facts, view: View, live: Live, trace: list[Step]) -> Answer | None:
    """Return what a pin or the turn itself decides; why it can't is in the trace."""
    for ask in (pinned, kept):
        said = ask(facts, view, live)
        if isinstance(said, Answer):
            return said
        if said:
            trace.append(Step("session", answered=False, reason=said.reason, skipped=said.skipped))
    return None


def _asked(phases: tuple[PhaseName, ...], stays: Answer | None) -> tuple[PhaseName, ...]:
    """Return the phases that are asked: where all is settled, only who may overrule that."""
    if stays is None:
        return phases
    return ("explicit", "session") if "explicit" in phases else ("session",)


def _said(
    name: PhaseName, stays: Answer | None, facts: Facts, view: View, live: Live, heard: Heard
) -> Answer | Pass:
    if name == "session":
        return stays or session(facts, view, live, partial(_later, heard))
    if name == "explicit" and stays:
        return _named(facts, view, live)
    return _roomy(PHASE_TABLE[name](facts, view, live), facts)


def _roomy(said: Answer | Pass, facts: Facts) -> Answer | Pass:
    """Return what was said, candidates with room for the turn first; who names one means it."""
    if isinstance(said, Pass) or said.exact:
        return said
    candidates = roomy_first(said.candidates, facts)
    if candidates[0] is said.candidates[0]:
        return said
    reason = f"{said.reason}; a turn that begins would soon outgrow {said.candidates[0]}"
    return replace(said, candidates=candidates, reason=reason)


def _named(facts: Facts, view: View, live: Live) -> Answer | Pass:
    """Answer what the client itself names: what the role maps a name to is settled for a turn."""
    said = explicit(facts, view, live)
    if isinstance(said, Pass) or said.exact:
        return said
    return Pass(f"{said.reason}, but a pin or the turn has settled it", said.skipped)


def _later(heard: Heard, facts: Facts, view: View, live: Live) -> Answer | Pass:
    """Return what the phases behind the session's say; it is kept, so that none is asked twice."""
    phases = view.role.phases
    for name in phases[phases.index("session") + 1 :]:
        said = heard[name] = _roomy(PHASE_TABLE[name](facts, view, live), facts)
        if isinstance(said, Answer):
            return said
    return Pass("no later phase has an answer")


def _and_last_resort(
    candidates: tuple[Candidate, ...], facts: Facts, view: View, live: Live, trace: list[Step]
) -> tuple[Candidate, ...]:
    said = scenario(facts, view, live)
    if isinstance(said, Pass):
        return candidates
    trace.append(Step("scenario", answered=False, reason=f"kept as the last resort: {said.reason}"))
    taken = {candidate.key for candidate in candidates}
    return (*candidates, *[each for each in said.candidates if each.key not in taken])
