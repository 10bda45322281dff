"""What is remembered of a session: where its conversations went, and how that was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from hashlib import blake2b
from typing import Final, TypeVar

from haystacks.pool import Candidate
from haystacks.usage import Usage
from kg.value import value
from roles.decision import Decision
from roles.facts import Facts
from roles.lane import (
    NOBODY,
    NONE,
    Ending,
    Key,
    Lane,
    averaged,
    lane_answered,
    lane_begun,
)
from roles.pin import pin_of
from roles.preference import Met, Standing, met_again

# A person follows a few conversations at once, and Claude Code starts about ten subagents.
MOST_LANES: Final = 16
# Enough for the tool loop that a person has just watched.
MOST_DECISIONS: Final = 20
MOST_LEARNED: Final = 32

_Name = TypeVar("_Name")
_Known = TypeVar("_Known")


@value
class Session:
    """Times are Unix seconds. ``lanes`` are by the id of their conversation.

    ``id`` is the client's own, or a fingerprint, and unique only within a role
    and a client's key, whose name is ``client``. ``decisions`` are the latest, for
    whoever judges one. ``switches`` counts how often a conversation went to another model.
    """

    id: str
    role: str = ""
    client: str = ""
    lanes: Mapping[str, Lane] = field(default_factory=lambda: NONE)
    typical_output: float = 0.0
    pin: Key = NOBODY
    concepts: Mapping[str, Met] = field(default_factory=lambda: NONE)
    models: Mapping[Key, Standing] = field(default_factory=lambda: NONE)
    decisions: tuple[tuple[str, Key], ...] = ()
    started: float = 0.0
    used: float = 0.0
    turns: int = 0
    switches: int = 0

    def cached_tokens(self, conversation: str, candidate: Key, now: float) -> int:
        """Return how many tokens of a conversation a candidate's cache still holds."""
        lane = self.lanes.get(conversation)
        return lane.held(candidate, now) if lane else 0

    def going_on(self, facts: Facts) -> Lane | None:
        """Return the conversation whose turn a request continues, if it does.

        After a compaction a turn goes on in a conversation that nobody has seen
        begin: then it is the one that was used last.
        """
        lane = self.lanes.get(facts.conversation)
        if lane is None and facts.continues_turn and self.lanes:
            return max(self.lanes.values(), key=_used)
        return lane if lane and lane.goes_on(facts) else None


def storage_key(role: str, client: str, session: str) -> str:
    """Return the key to keep a session by: no two roles or client keys ever share one."""
    # What a client names may be of any length, and hold any separator.
    parts = f"{len(role)}:{role}{len(client)}:{client}{session}"
    return blake2b(parts.encode("utf-8", "replace"), digest_size=12).hexdigest()


def begun(
    session: Session | None, facts: Facts, decision: Decision, now: float, client: str = ""
) -> Session:
    """Return the session after a decision.

    A turn that has begun stays as it is, and the session with it: of two
    processes that begin one at once, the first one's candidate stands.
    """
    if session is None or not session.id:
        session = Session(facts.session, decision.role, client, started=now)
    name, first = facts.conversation, decision.candidates[0].key
    lane, concepts = session.lanes.get(name), session.concepts
    turns, switches = session.turns, session.switches
    pin = pin_of(facts.headers)
    if lane is not None and lane.turn.id == facts.turn and lane.goes_on(facts):
        return session if pin in {None, session.pin} else replace(session, pin=pin)
    switches += lane is not None and lane.turn.candidate != first
    if not facts.continues_turn:
        turns += 1
        # What a preference has chosen must not feed it, and neither must the same words again.
        again = lane is not None and lane.turn.id == facts.turn
        if decision.concept and decision.phase != "session" and not again:
            concepts = _bounded(met_again(concepts, decision.concept, first, now), _at)
    lane = lane_begun(lane or Lane(), facts, decision, now)
    return Session(
        id=session.id,
        role=session.role,
        client=session.client,
        lanes=_bounded({**session.lanes, name: lane}, _used, MOST_LANES),
        typical_output=session.typical_output,
        pin=session.pin if pin is None else pin,
        concepts=concepts,
        models=session.models,
        decisions=session.decisions,
        started=session.started,
        used=now,
        turns=turns,
        switches=switches,
    )


def answered(
    session: Session | None,
    facts: Facts,
    candidate: Candidate,
    ending: Ending,
    usage: Usage | None,
    now: float,
) -> Session | None:
    """Return the session after a request's end: ``candidate`` answered, or failed as the last.

    What another candidate has answered moves the turn there, for good.
    """
    if session is None:
        return None
    key, models = candidate.key, session.models
    for failed in ending.failed:
        models = _with(models, failed, Ending("failed"), now)
    models = _with(models, key, ending, now)
    lanes, switches = session.lanes, session.switches
    lane = lanes.get(facts.conversation)
    if lane is not None:
        after = lane_answered(lane, facts, candidate, ending, usage)
        switches += after.turn.candidate != lane.turn.candidate
        lanes = {**lanes, facts.conversation: after}
    decisions = session.decisions
    if ending.decision_id:
        decisions = (*decisions[1 - MOST_DECISIONS :], (ending.decision_id, key))
    output = session.typical_output
    if usage is not None and ending.how == "ok":
        output = averaged(output, usage.output)
    return Session(
        id=session.id,
        role=session.role,
        client=session.client,
        lanes=lanes,
        typical_output=output,
        pin=session.pin,
        concepts=session.concepts,
        models=models,
        decisions=decisions,
        started=session.started,
        used=now,
        turns=session.turns,
        switches=switches,
    )


def judged(session: Session, decision_id: str, score: float, now: float) -> Session | None:
    """Return the session after a judgement, from -1 to 1, of what a decision brought.

    ``None`` where the session knows of no such decision, or not any more.
    """
    key = dict(session.decisions).get(decision_id)
    if key is None:
        return None
    standing = session.models.get(key, Standing()).judged(score, now)
    return replace(session, models=_bounded({**session.models, key: standing}, _at))


def pinned(session: Session, key: Key | None) -> Session:
    """Return the session pinned to a candidate, or to none."""
    return replace(session, pin=key or NOBODY)


def _with(
    models: Mapping[Key, Standing], key: Key, ending: Ending, now: float
) -> Mapping[Key, Standing]:
    before = models.get(key) or Standing()
    after = before.ended(ending, now)
    return models if after is before else _bounded({**models, key: after}, _at)


def _used(lane: Lane) -> float:
    return lane.used


def _at(learned: Met | Standing) -> float:
    return learned.at


def _bounded(
    known: Mapping[_Name, _Known], time_of: Callable[[_Known], float], most: int = MOST_LEARNED
) -> Mapping[_Name, _Known]:
    """Return what is known without the oldest, where it has grown by one too many."""
    if len(known) <= most:
        return known
    oldest = min(list(known)[:-1], key=lambda name: time_of(known[name]))
    return {name: each for name, each in known.items() if name != oldest}
