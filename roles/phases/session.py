"""Phase 2: what the session is used to, where leaving it would be dear or unwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from haystacks.pool import Candidate
from roles.facts import Facts
from roles.filters import listed, sift
from roles.lane import Key, Lane, kinds_of
from roles.live import Live
from roles.phases.answer import Answer, Pass
from roles.phases.pattern import of_concept
from roles.preference import dominant
from roles.room import has_room
from roles.session import Session
from roles.turn_cost import TurnAhead, turn_ahead
from roles.view import View

# What the later phases of the role would say.
Later = Callable[[Facts, View, Live], Answer | Pass]

# Below that providers keep no prompt (OpenAI and Anthropic name 1,024 tokens).
LEAST_CACHED: Final = 1024


def session(facts: Facts, view: View, live: Live, later: Later) -> Answer | Pass:
    """Answer a new turn with the conversation's model while leaving its cache is dear.

    Where no cache is warm, with the model of what the session is mostly about,
    if it answered well; and with one that did, where the next choice has not. What a
    person has judged badly gives way to the next of the chain, too.
    """
    known = live.session
    if known is None:
        return Pass("nothing is known of the session yet")
    lane = known.lanes.get(facts.conversation)
    if lane and lane.turn.id == facts.turn:
        return Pass("the same words again are routed as if they were the first")
    held = lane.held(lane.turn.candidate, live.now) if lane else 0
    warm = held >= LEAST_CACHED
    if not warm and not known.models:
        return Pass("no cache is warm, and nothing is learned yet")
    meant = later(facts, view, live)
    if lane and isinstance(meant, Answer) and (new := _newly_asked(meant, facts, lane)):
        return Pass(f"{new} is newly asked for")
    if lane and warm and not _bad(known, lane.turn.candidate, live):
        return _stay(lane, turn_ahead(lane, facts, live.now), meant, facts, view, live)
    if isinstance(meant, Pass):
        return Pass("no later phase has a model, so there is nothing to prefer another to")
    return _preferred(known, meant, facts, view, live)


def _newly_asked(meant: Answer, facts: Facts, lane: Lane) -> str:
    """Return what the user now asks of a model and did not before: that was on purpose."""
    kind = meant.scenario
    return kind if kind in kinds_of(facts) and kind not in lane.turn.kinds else ""


def _stay(
    lane: Lane, ahead: TurnAhead, meant: Answer | Pass, facts: Facts, view: View, live: Live
) -> Answer | Pass:
    own, why = _open(lane.turn.candidate, facts, view, live)
    if own is None:
        return Pass(f"the conversation's own model is not open: {why}")
    cached = f"{ahead.held.get(own.key, 0):,} tokens are cached there"
    if isinstance(meant, Pass):
        return Answer((own,), f"stays: {cached}, and no later phase has a model")
    other = meant.candidates[0]
    if other.key == own.key:
        return Pass(f"what follows chooses {own} as well")
    if has_room(other, facts) and not has_room(own, facts):
        return Pass(f"a turn that begins would soon outgrow {own}")
    here, there = ahead.usd(own), ahead.usd(other)
    if here is None or there is None:
        why, confidence = f"what a switch to {other} would cost is unknown", 0.5
    elif there < here:
        return Pass(f"a switch to {other} saves ${here - there:.4f} over this turn")
    else:
        why = f"a switch to {other} would cost ${there - here:.4f} more over this turn"
        confidence = 1.0 - here / there if there else 0.0
    return _before(own, meant, f"stays: {cached}; {why}", confidence)


def _preferred(
    known: Session, meant: Answer, facts: Facts, view: View, live: Live
) -> Answer | Pass:
    if meant.scenario not in {"", "default"}:
        return Pass(f"the request is of a kind of its own: {meant.scenario}")
    other = meant.candidates[0]
    concept = dominant(known.concepts, live.now)
    if concept and (found := _of_subject(known, concept, facts, view, live)):
        own, score = found
        if own.key != other.key:
            reason = f'the session is mostly about "{concept}", which {own} answers well'
            return _before(own, meant, f"{reason} ({score:.0%})", score, concept)
    if _bad(known, other.key, live):
        behind = [each.key for each in meant.candidates[1:]]
        found = _well(known, dict.fromkeys((*behind, *known.models)), facts, view, live)
        if found:
            own, score = found
            reason = f"{other} has answered this session badly, and {own} well ({score:.0%})"
            return _before(own, meant, reason, score)
        rest = (each for each in meant.candidates[1:] if not _bad(known, each.key, live))
        if known.models[other.key].condemned(live.now) and (next_best := next(rest, None)):
            reason = f"{other} was judged badly in this session, and {next_best} was not"
            return _before(next_best, meant, reason, 0.0)
    return Pass("nothing that was learned speaks for another model")


def _of_subject(
    known: Session, concept: str, facts: Facts, view: View, live: Live
) -> tuple[Candidate, float] | None:
    """Return the model of the session's subject, if it answers well and the concept leads there."""
    key = known.concepts[concept].candidate
    standing = known.models.get(key)
    if standing is None or not standing.well(live.now):
        return None
    # As its file is now: whoever edits it means the next request.
    routes = of_concept(concept, "", standing.score, facts, view, live)
    if isinstance(routes, Pass):
        return None
    own = next((each for each in routes.candidates if each.key == key), None)
    return (own, standing.score) if own else None


def _bad(known: Session, key: Key, live: Live) -> bool:
    standing = known.models.get(key)
    return standing is not None and standing.badly(live.now)


def _well(
    known: Session, keys: Iterable[Key], facts: Facts, view: View, live: Live
) -> tuple[Candidate, float] | None:
    """Return the first that is known to answer well and is open, and its score."""
    for key in keys:
        standing = known.models.get(key)
        if standing and standing.well(live.now):
            own, _ = _open(key, facts, view, live)
            if own:
                return own, standing.score
    return None


def _open(key: Key, facts: Facts, view: View, live: Live) -> tuple[Candidate | None, str]:
    """Return the candidate if the role has it and it can take the request; else why not."""
    fit, skipped = sift(view.offer.find(*key), facts, live)
    own = next((each for each in fit if each.key == key), None)
    return own, listed(skipped) or "its haystack is gone"


def _before(
    own: Candidate, meant: Answer, reason: str, confidence: float, concept: str = ""
) -> Answer:
    """Return an answer with what was meant behind it."""
    others = [each for each in meant.candidates if each.key != own.key]
    return Answer((own, *others), reason, confidence, concept=concept, scenario=meant.scenario)
