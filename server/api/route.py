"""``POST /api/route``: what would be decided, and everything that speaks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.table import DIALECTS
from haystacks.errors import BadRequest
from haystacks.pool import Candidate
from haystacks.tokens import count_request
from roles.complexity import complexity
from roles.estimate import estimates
from roles.extract import facts_of
from roles.facts import Facts
from roles.live import Live
from server.api.form import described, read_form
from server.auto_role import settled
from server.front import PATH_ROLE
from server.gateway import Gateway
from server.moment import Moment
from server.role_of import role_found

router = APIRouter(prefix="/api", tags=["management"])


class RouteQuestion(BaseModel):
    """A prompt, or a whole request as a client would send it to ``/v1/messages``."""

    model_config = ConfigDict(extra="allow")

    prompt: str = Field("", description="The user's text; or send messages instead.")
    model: str = Field("", description="The model that the client names.")
    role: str = Field("", description="The role to ask; the header x-rolegraph-role does too.")


@router.post("/route", openapi_extra=described(RouteQuestion))
async def ask_route(request: Request) -> dict[str, Any]:
    """Decide without asking any upstream: the decision, its trace, what matched.

    The same key, headers and path decide the same as for ``/v1/messages``, at
    this moment: nothing is counted, and no session begins.
    """
    gateway: Gateway = request.app.state.gateway
    moment = Moment(gateway)
    key = gateway.admit(request.headers)
    question, raw = await read_form(request, RouteQuestion)
    body = _as_request(question)
    headers = {**request.headers, **({"x-rolegraph-role": question.role} if question.role else {})}
    facts = facts_of(body, headers, body_bytes=len(raw), count=lambda: count_request(body))
    view, by_text = role_found(
        moment.snapshot,
        gateway.settings,
        facts,
        headers=headers,
        path_role=request.scope.get(PATH_ROLE, ""),
        key=key,
    )
    if by_text:
        view = await settled(gateway.shared, moment.snapshot, view, facts, key, remember=False)
    live = await moment.look(facts, view, key)
    decision = await moment.decide()
    concepts = [matched.concept for matched in decision.matched]
    # The first question to a large graph takes seconds.
    graph = view.rolegraph.graph
    connected = await asyncio.to_thread(lambda: graph.network.connected(concepts))
    return {
        **decision.as_dict(),
        "candidates": _told(decision.candidates, facts, live),
        "text": facts.text,
        "connected": connected,
        "complexity": complexity(facts, len(view.rolegraph.hits(facts.text))).as_dict(),
        "session": {
            "id": facts.session,
            "conversation": facts.conversation,
            "turn": facts.turn,
            "known": live.session is not None,
        },
        "budget": {"left": round(live.allowance.left, 4), "spent": live.allowance.spent or None},
    }


def _told(candidates: Sequence[Candidate], facts: Facts, live: Live) -> list[Json]:
    """Return the candidates with what speaks for and against each at the moment."""
    costs = estimates(candidates, facts, live)
    measured = [live.measures(each) for each in candidates]
    return [
        {
            "haystack": candidate.haystack.name,
            "model": candidate.model.id,
            "estimated_usd": None if usd is None else round(usd, 6),
            "closed": live.closed(candidate) or None,
            "measures": measures and {k: round(v, 3) for k, v in asdict(measures).items()},
        }
        for candidate, usd, measures in zip(candidates, costs, measured, strict=True)
    ]


def _as_request(question: RouteQuestion) -> Json:
    body: Json = {**(question.model_extra or {}), "model": question.model}
    if question.prompt:
        body["messages"] = [{"role": "user", "content": question.prompt}]
    if "messages" not in body:
        raise BadRequest("give a prompt, or messages as for /v1/messages")
    return DIALECTS["anthropic"].decode_request(body, Adaptation())
