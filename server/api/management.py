"""The management API: what there is, and how the last reload went."""

from __future__ import annotations

from typing import Any, Literal

import orjson
from fastapi import APIRouter, Request, Response

from haystacks.errors import NotFound
from kg.thesaurus import write_thesaurus
from rolegraph.export import to_cytoscape, to_dot, to_graphml
from roles.view import View
from server.gateway import Gateway
from server.reload import Reloader
from server.role_of import default_role, selected_role

router = APIRouter(prefix="/api", tags=["management"])


@router.get("/roles")
async def list_roles(request: Request) -> dict[str, Any]:
    """List the roles, what each is made of, and which one serves by default."""
    gateway = admitted(request)
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
    format: Literal[  # noqa: A002 - the URL's word
        "cytoscape", "graphml", "dot", "thesaurus"
    ] = "cytoscape",
) -> Response:
    """Export a role's concept graph as Cytoscape JSON, GraphML or DOT, or its synonyms alone."""
    snapshot = admitted(request).snapshot
    found = snapshot.roles.get(role.lower())
    if found is None:
        raise NotFound(f'unknown role "{role}"; the roles are: {", ".join(snapshot.views)}')
    concepts = snapshot.views[found.name].rolegraph.graph
    if format == "graphml":
        return Response(to_graphml(concepts), media_type="application/graphml+xml")
    if format == "dot":
        return Response(to_dot(concepts), media_type="text/vnd.graphviz")
    if format == "thesaurus":
        thesaurus = write_thesaurus(found.name, concepts.concepts)
        return Response(orjson.dumps(thesaurus), media_type="application/json")
    return Response(orjson.dumps(to_cytoscape(concepts)), media_type="application/json")


@router.get("/reload")
async def last_reload(request: Request) -> dict[str, Any]:
    """Tell how the last reload ended, with every problem of the home."""
    return admitted(request).reload.as_dict()


@router.post("/reload")
async def reload(request: Request, response: Response) -> dict[str, Any]:
    """Read the whole home again, now; 422 where a problem keeps the last good state serving."""
    admitted(request)
    reloader: Reloader = request.app.state.reloader
    state = await reloader.reload()
    response.status_code = 200 if state.ok else 422
    return state.as_dict()


def admitted(request: Request) -> Gateway:
    """Return the gateway to a request that may ask. Raises ``Unauthorized``."""
    gateway: Gateway = request.app.state.gateway
    gateway.admit(request.headers)
    return gateway


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
