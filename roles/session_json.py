"""Sessions as JSON: for other processes, and for people."""

from __future__ import annotations

from typing import Any, Final

import orjson

from haystacks.shared import Kind
from roles.lane import NOBODY, NONE, WARM_SECONDS, Key, Lane, Turn, Warmth
from roles.preference import Met, Standing, aged
from roles.session import Session

Json = dict[str, Any]

# Another number where a field changes its meaning; one more or less needs none.
FORM: Final = 1


def encode(session: Session) -> bytes:
    """Return a session as it leaves the process."""
    return orjson.dumps(
        {
            "form": FORM,
            "id": session.id,
            "role": session.role,
            "client": session.client,
            "lanes": {name: _lane(lane) for name, lane in session.lanes.items()},
            "typical_output": session.typical_output,
            "pin": session.pin,
            "concepts": {
                name: (met.weight, met.at, met.candidate) for name, met in session.concepts.items()
            },
            "models": [(key, each.good, each.bad, each.at) for key, each in session.models.items()],
            "decisions": session.decisions,
            "started": session.started,
            "used": session.used,
            "turns": session.turns,
            "switches": session.switches,
        }
    )


def decode(encoded: bytes) -> Session:
    """Return the session; fields that are missing are empty, and unknown ones are left out.

    What has another form altogether is a session of which nothing is known.
    """
    found = orjson.loads(encoded)
    if not isinstance(found, dict) or found.get("form") != FORM:
        return Session("")
    get = found.get
    return Session(
        id=get("id", ""),
        role=get("role", ""),
        client=get("client", ""),
        lanes={name: _read_lane(lane) for name, lane in get("lanes", NONE).items()},
        typical_output=get("typical_output", 0.0),
        pin=tuple(get("pin", NOBODY)),
        concepts={
            name: Met(weight, at, tuple(candidate))
            for name, (weight, at, candidate) in get("concepts", NONE).items()
        },
        models={tuple(key): Standing(good, bad, at) for key, good, bad, at in get("models", ())},
        decisions=tuple([(name, tuple(key)) for name, key in get("decisions", ())]),
        started=get("started", 0.0),
        used=get("used", 0.0),
        turns=get("turns", 0),
        switches=get("switches", 0),
    )


def _lane(lane: Lane) -> Json:
    turn = lane.turn
    return {
        "turn": turn.id,
        "candidate": turn.candidate,
        "chain": turn.chain,
        "concept": turn.concept,
        "scenario": turn.scenario,
        "transforms": turn.transforms,
        "kinds": turn.kinds,
        "used": lane.used,
        "answers": lane.answers,
        "requests": lane.requests,
        "output": lane.output,
        "warm": [(key, each.tokens, each.used) for key, each in lane.warm.items()],
        "thought_by": lane.thought_by,
    }


def _read_lane(found: Json) -> Lane:
    get = found.get
    return Lane(
        turn=Turn(
            id=get("turn", ""),
            candidate=tuple(get("candidate", NOBODY)),
            chain=tuple([tuple(each) for each in get("chain", ())]),
            concept=get("concept", ""),
            scenario=get("scenario", ""),
            transforms=tuple(get("transforms", ())),
            kinds=tuple(get("kinds", ())),
        ),
        used=get("used", 0.0),
        answers=get("answers", 0),
        requests=get("requests", 0.0),
        output=get("output", 0.0),
        warm={tuple(key): Warmth(tokens, used) for key, tokens, used in get("warm", ())},
        thought_by=tuple(get("thought_by", ())),
    )


# Two hours after its last request nobody expects a session to be remembered.
SESSIONS: Final[Kind[Session]] = Kind("sessions", seconds=7200, encode=encode, decode=decode)


def as_dict(session: Session, now: float) -> Json:
    """Return a session as ``GET /api/sessions/{id}`` shows it, weights as of ``now``."""
    return {
        "id": session.id,
        "role": session.role,
        "started": session.started,
        "used": session.used,
        "turns": session.turns,
        "switches": session.switches,
        "pin": _shown(session.pin),
        "conversations": [
            _shown_lane(name, lane, now)
            for name, lane in sorted(session.lanes.items(), key=lambda item: -item[1].used)
        ],
        "concepts": [
            {
                "concept": name,
                "weight": round(aged(met.weight, met.at, now), 2),
                "candidate": _shown(met.candidate),
            }
            for name, met in session.concepts.items()
        ],
        "models": [
            {
                "candidate": _shown(key),
                "score": round(each.score, 2),
                "evidence": round(aged(each.good + each.bad, each.at, now), 2),
            }
            for key, each in session.models.items()
        ],
        "decisions": [
            {"decision_id": name, "candidate": _shown(key)} for name, key in session.decisions
        ],
    }


def _shown_lane(name: str, lane: Lane, now: float) -> Json:
    return {
        "conversation": name,
        "turn": lane.turn.id,
        "candidate": _shown(lane.turn.candidate),
        "concept": lane.turn.concept or None,
        "scenario": lane.turn.scenario or None,
        "used": lane.used,
        "answers": lane.answers,
        "usual_requests": round(lane.requests, 1),
        "usual_output": round(lane.output),
        "thought_by": list(lane.thought_by),
        "warm": [
            {
                "candidate": _shown(key),
                "tokens": each.tokens,
                "seconds_left": round(each.used + WARM_SECONDS - now),
            }
            for key, each in lane.warm.items()
            if lane.held(key, now)
        ],
    }


def _shown(key: Key) -> Json | None:
    return {"haystack": key[0], "model": key[1]} if key != NOBODY else None
