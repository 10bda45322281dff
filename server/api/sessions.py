"""What is remembered of sessions: shown, forgotten, and taught by those who read the answers."""

from __future__ import annotations

from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from haystacks.errors import NotFound
from roles.session import Session, judged
from roles.session_json import SESSIONS, as_dict
from server.api.form import described, read_form
from server.gateway import Gateway
from server.keys import ClientKey
from server.moment import DECISIONS
from server.redact import redact_text

router = APIRouter(prefix="/api", tags=["sessions"])
log = structlog.get_logger("rolegraph")

# Bytes of a body; a comment of ten thousand letters fits in, whatever the script.
_LONGEST: Final = 128 * 1024


class Feedback(BaseModel):
    """What somebody thinks of an answer."""

    model_config = ConfigDict(extra="forbid")

    decision_id: str = Field(description="The request-id that the answer carried.")
    score: float = Field(ge=-1, le=1, description="From -1, useless, to 1, just right.")
    comment: str = Field("", max_length=10_000, description="Goes to the log, and nowhere else.")


@router.get("/sessions")
async def list_sessions(
    request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> dict[str, Any]:
    """List the sessions, the last used first; who shows a key sees its own."""
    gateway, client = _admitted(request)
    own = [each for each in await gateway.shared.each(SESSIONS) if _owns(client, each[1])]
    every = sorted(own, key=lambda kept: -kept[1].used)
    return {
        "sessions": [
            {
                "key": key,
                "id": session.id,
                "role": session.role,
                "started": session.started,
                "used": session.used,
                "turns": session.turns,
                "switches": session.switches,
            }
            for key, session in every[:limit]
        ],
        "total": len(every),
    }


@router.get("/sessions/{name:path}")
async def get_session(request: Request, name: str) -> dict[str, Any]:
    """Show a session: its conversations, caches, concepts, and how its models answered."""
    gateway, client = _admitted(request)
    key, session = await _find(gateway, client, name)
    return {"key": key, **as_dict(session, gateway.clock())}


@router.delete("/sessions/{name:path}", status_code=204, response_class=Response)
async def forget_session(request: Request, name: str) -> None:
    """Forget a session: its next request is routed as if it were the first."""
    gateway, client = _admitted(request)
    key, _ = await _find(gateway, client, name)
    await gateway.shared.change(SESSIONS, key, lambda _: None)


@router.post("/feedback", openapi_extra=described(Feedback))
async def give_feedback(request: Request) -> dict[str, Any]:
    """Judge an answer: its session leans to the models that are judged well."""
    gateway, client = _admitted(request)
    feedback, _ = await read_form(request, Feedback, _LONGEST)
    name, score, now = feedback.decision_id, feedback.score, gateway.clock()
    key = await _session_of(gateway, client, name)
    session = await gateway.shared.change(
        SESSIONS, key, lambda known: (judged(known, name, score, now) or known) if known else None
    )
    if session is None or (candidate := dict(session.decisions).get(name)) is None:
        raise _unknown(name)
    log.info("feedback", id=name, score=score, comment=redact_text(feedback.comment))
    standing = session.models[candidate]
    return {
        "session": session.id,
        "haystack": candidate[0],
        "model": candidate[1],
        "score": round(standing.score, 2),
    }


def _admitted(request: Request) -> tuple[Gateway, ClientKey | None]:
    """Return the gateway, and the key that was shown. Raises ``Unauthorized``."""
    gateway: Gateway = request.app.state.gateway
    return gateway, gateway.admit(request.headers)


def _owns(client: ClientKey | None, session: Session) -> bool:
    """Tell whether who shows this key may see a session: without keys everybody is the owner."""
    return client is None or session.client == client.name


async def _find(gateway: Gateway, client: ClientKey | None, name: str) -> tuple[str, Session]:
    """Return a session by the key that it is kept by, or the last used by its client's own id."""
    session = await gateway.shared.read(SESSIONS, name)
    if session and _owns(client, session):
        return name, session
    for key, kept in await gateway.shared.each(SESSIONS):
        if kept.id == name and _owns(client, kept):
            return key, kept
    raise NotFound(f'no session "{name}" is remembered')


async def _session_of(gateway: Gateway, client: ClientKey | None, decision: str) -> str:
    """Return the key of the session that a decision belongs to, also of another process's."""
    if key := gateway.recent.find(DECISIONS, decision):
        known = await gateway.shared.read(SESSIONS, key)
        if known and _owns(client, known):
            return key
    for key, session in await gateway.shared.each(SESSIONS):
        if decision in dict(session.decisions) and _owns(client, session):
            return key
    raise _unknown(decision)


def _unknown(decision: str) -> NotFound:
    return NotFound(f'no decision "{decision}" is remembered: it may be too long ago')
