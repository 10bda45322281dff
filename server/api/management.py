"""The management API: what would be decided, what there is, and how the last reload went."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.table import DIALECTS
from haystacks.errors import BadRequest, NotFound
from haystacks.tokens import count_request
from rolegraph.export import to_cytoscape, to_dot, to_graphml
from roles.complexity import complexity
from roles.extract import facts_of
from roles.route import route
from roles.view import View
from server.exchange import read_body
from server.front import PATH_ROLE
from server.gateway import Gateway
from server.reload import Reloader
from server.role_of import default_role, role_of, selected_role

router = APIRouter(prefix="/api", tags=["management"])


class RouteQuestion(BaseModel):
    """A prompt, or a whole request as a client would send it to ``/v1/messages``."""

    model_config = ConfigDict(extra="allow")

    prompt: str = Field("", description="The user's text; or send messages instead.")
    model: str = Field("", description="The model that the client names.")
    role: str = Field("", description="The role to ask; the header x-rolegraph-role does too.")


_QUESTION = {
    "requestBody": {"content": {"application/json": {"schema": RouteQuestion.model_json_schema()}}}
}


@router.post("/route", openapi_extra=_QUESTION)
async def ask_route(request: Request) -> dict[str, Any]:
    """Decide without asking any upstream: the decision, its trace, what matched.

    The role is found as for ``/v1/messages``: the same key, header and path
    give the same decision.
    """
    gateway: Gateway = request.app.state.gateway
    snapshot = gateway.snapshot
    key = gateway.admit(request.headers)
    raw = await read_body(request.receive, request.headers, gateway.settings.max_body)
    question = _read_question(raw)
    body = _as_request(question)
    headers = {**request.headers, **({"x-rolegraph-role": question.role} if question.role else {})}
    facts = facts_of(body, headers, body_bytes=len(raw), count=lambda: count_request(body))
    view = role_of(
        snapshot,
        gateway.settings,
        facts,
        headers=headers,
        path_role=request.scope.get(PATH_ROLE, ""),
        key=key,
    )
    decision = route(facts, view)
    concepts = [matched.concept for matched in decision.matched]
    # The first question to a large graph takes seconds.
    connected = await asyncio.to_thread(view.rolegraph.graph.connected, concepts)
    return {
        **decision.as_dict(),
        "text": facts.text,
        "connected": connected,
        "complexity": complexity(facts, len(view.rolegraph.hits(facts.text))).as_dict(),
    }


@router.get("/roles")
async def list_roles(request: Request) -> dict[str, Any]:
    """List the roles, what each is made of, and which one serves by default."""
    gateway = _admitted(request)
    snapshot = gateway.snapshot
    return {
        "selected": selected_role(snapshot, gateway.settings) or default_role(snapshot),
        "default": default_role(snapshot),
        "generation": snapshot.generation,
        "roles": [describe(view) for view in snapshot.views.values()],
    }


@router.get("/graph/{role:path}")
async def graph(
    request: Request,
    role: str,
    format: Literal["cytoscape", "graphml", "dot"] = "cytoscape",  # noqa: A002 - the URL's word
) -> Response:
    """Export a role's concept graph as Cytoscape JSON, GraphML or DOT."""
    snapshot = _admitted(request).snapshot
    found = snapshot.roles.get(role.lower())
    if found is None:
        raise NotFound(f'unknown role "{role}"; the roles are: {", ".join(snapshot.views)}')
    concepts = snapshot.views[found.name].rolegraph.graph
    if format == "graphml":
        return Response(to_graphml(concepts), media_type="application/graphml+xml")
    if format == "dot":
        return Response(to_dot(concepts), media_type="text/vnd.graphviz")
    return Response(orjson.dumps(to_cytoscape(concepts)), media_type="application/json")


@router.get("/reload")
async def last_reload(request: Request) -> dict[str, Any]:
    """Tell how the last reload ended, with every problem of the home."""
    return _admitted(request).reload.as_dict()


@router.post("/reload")
async def reload(request: Request, response: Response) -> dict[str, Any]:
    """Read the whole home again, now; 422 where a problem keeps the last good state serving."""
    _admitted(request)
    reloader: Reloader = request.app.state.reloader
    state = await reloader.reload()
    response.status_code = 200 if state.ok else 422
    return state.as_dict()


def _admitted(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    gateway.admit(request.headers)
    return gateway


def _read_question(raw: bytes) -> RouteQuestion:
    try:
        return RouteQuestion.model_validate(orjson.loads(raw))
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, each['loc'])) or 'the body'}: {each['msg']}"
            for each in error.errors()
        )
        raise BadRequest("; ".join(wrong)) from error


def _as_request(question: RouteQuestion) -> Json:
    body: Json = {**(question.model_extra or {}), "model": question.model}
    if question.prompt:
        body["messages"] = [{"role": "user", "content": question.prompt}]
    if "messages" not in body:
        raise BadRequest("give a prompt, or messages as for /v1/messages")
    return DIALECTS["anthropic"].decode_request(body, Adaptation())


def describe(view: View) -> dict[str, Any]:
    """Return what ``/api/roles`` and ``rolegraph roles --json`` show of a role."""
    role = view.role
    return {
        "name": role.name,
        "shortname": role.shortname or None,
        "description": role.description,
        "strategy": role.strategy,
        "phases": list(role.phases),
        "kg": list(role.kg),
        "haystacks": list(role.haystacks),
        "scenarios": {
            name: [f"{target.haystack},{target.model}" for target in chain]
            for name, chain in role.scenarios.items()
        },
        "patterns": view.rolegraph.size,
    }
