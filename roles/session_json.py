"""Sessions as JSON: for other processes, and for people."""

from __future__ import annotations

from typing import Any, Final

import orjson

from haystacks.shared import Kind
from roles.lane import NOBODY, WARM_SECONDS, Key, Lane, Warmth
from roles.preference import Met, Standing, aged
from roles.session import Session

Json = dict[str, Any]


def encode(session: Session) -> bytes:
    """Return a session as it leaves the process."""
    return orjson.dumps(
        {
            "id": session.id,
            "role": session.role,
            "lanes": {name: _lane(lane) for name, lane in session.lanes.items()},
            "typical_output": session.typical_output,
            "pin": session.pin,
            "concepts": {
                name: [met.weight, met.at, met.candidate] for name, met in session.concepts.items()
            },
            "models": [[key, each.good, each.bad, each.at] for key, each in session.models.items()],
            "decisions": session.decisions,
            "started": session.started,
            "used": session.used,
            "turns": session.turns,
            "switches": session.switches,
        }
    )


def _lane(lane: Lane) -> Json:
    return {
        "turn": lane.turn,
        "candidate": lane.candidate,
        "chain": lane.chain,
        "concept": lane.concept,
        "scenario": lane.scenario,
        "transforms": lane.transforms,
        "kinds": lane.kinds,
        "used": lane.used,
        "answers": lane.answers,
        "requests": lane.requests,
        "output": lane.output,
        "warm": [[key, each.tokens, each.used] for key, each in lane.warm.items()],
        "thought_by": lane.thought_by,
    }


def decode(encoded: bytes) -> Session:
    """Return the session; fields that are missing or strange, from another version, are empty."""
    found = _object(orjson.loads(encoded))
    return Session(
        id=_text(found.get("id")),
        role=_text(found.get("role")),
        lanes={
            name: _read_lane(_object(lane)) for name, lane in _object(found.get("lanes")).items()
        },
        typical_output=_number(found.get("typical_output")),
        pin=_key(found.get("pin")),
        concepts={
            name: Met(_number(weight), _number(at), _key(candidate))
            for name, each in _object(found.get("concepts")).items()
            for weight, at, candidate in _rows([each], 3)
        },
        models={
            _key(key): Standing(_number(good), _number(bad), _number(at))
            for key, good, bad, at in _rows(found.get("models"), 4)
        },
        decisions=tuple((_text(name), _key(key)) for name, key in _rows(found.get("decisions"), 2)),
        started=_number(found.get("started")),
        used=_number(found.get("used")),
        turns=int(_number(found.get("turns"))),
        switches=int(_number(found.get("switches"))),
    )


def _read_lane(found: Json) -> Lane:
    return Lane(
        turn=_text(found.get("turn")),
        candidate=_key(found.get("candidate")),
        chain=tuple(_key(each) for each in _list(found.get("chain"))),
        concept=_text(found.get("concept")),
        scenario=_text(found.get("scenario")),
        transforms=_texts(found.get("transforms")),
        kinds=_texts(found.get("kinds")),
        used=_number(found.get("used")),
        answers=int(_number(found.get("answers"))),
        requests=_number(found.get("requests")),
        output=_number(found.get("output")),
        warm={
            _key(key): Warmth(int(_number(tokens)), _number(used))
            for key, tokens, used in _rows(found.get("warm"), 3)
        },
        thought_by=_texts(found.get("thought_by")),
    )


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _rows(value: Any, width: int) -> list[list[Any]]:
    return [row for row in _list(value) if isinstance(row, list) and len(row) == width]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(value))


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else 0.0


def _key(value: Any) -> Key:
    match value:
        case [str(haystack), str(model)]:
            return haystack, model
        case _:
            return NOBODY


# Two hours after its last request nobody expects a session to be remembered.
SESSIONS: Final = Kind[Session]("sessions", seconds=7200, encode=encode, decode=decode)


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
        "turn": lane.turn,
        "candidate": _shown(lane.candidate),
        "concept": lane.concept or None,
        "scenario": lane.scenario or None,
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
