"""``GET /v1/models``: the roles, and the models of the role's active haystacks, in both shapes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from haystacks.errors import BadRequest, NotFound
from haystacks.pool import Candidate, Haystack, Model
from roles.facts import Facts
from roles.role import Role
from roles.view import View
from server.front import PATH_ROLE
from server.gateway import Gateway
from server.role_of import role_of
from server.snapshot import Snapshot

router = APIRouter(tags=["models"])

# Anthropic's field is required; its own documentation gives the epoch for "unknown".
_UNKNOWN_DATE = "1970-01-01T00:00:00Z"
_PAGE = 20
_LARGEST_PAGE = 1000


@router.get("/v1/models")
async def list_models(request: Request) -> dict[str, Any]:
    """List what may stand as ``model``: Anthropic's shape if its version header is sent."""
    cards = _cards(request)
    if "anthropic-version" not in request.headers:
        return {"object": "list", "data": [_openai(card) for card in cards]}
    page, more = _page([_anthropic(card) for card in cards], dict(request.query_params))
    return {
        "data": page,
        "has_more": more,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
    }


@router.get("/v1/models/{name:path}")
async def get_model(request: Request, name: str) -> dict[str, Any]:
    """Describe a role or a model; a bare name is that of the role's first haystack with it."""
    cards = _cards(request)
    found = [card for card in cards if card["id"] == name]
    found += [{**card, "id": name} for card in cards if card["id"].partition(",")[2] == name]
    if not name or not found:
        raise NotFound(f'no model "{name}"')
    return _anthropic(found[0]) if "anthropic-version" in request.headers else _openai(found[0])


def _cards(request: Request) -> list[dict[str, Any]]:
    gateway: Gateway = request.app.state.gateway
    key = gateway.admit(request.headers)
    view = role_of(
        gateway.snapshot,
        gateway.settings,
        Facts(""),
        headers=request.headers,
        path_role=request.scope.get(PATH_ROLE, ""),
        key=key,
    )
    return model_cards(view, gateway.snapshot)


def model_cards(view: View, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return every name that may stand as ``model`` in a role, with what is known of it.

    Any role may: each twice, since Claude Code only lists names that contain "anthropic" or
    "claude". Of the models those that the role's own haystacks list and that it does not exclude.
    """
    roles = [
        _role_card(f"{prefix}{each.role.handle}", each.role)
        for prefix in ("role:", "anthropic/role:")
        for each in snapshot.views.values()
    ]
    models = [
        _model_card(haystack, model)
        for haystack in view.offer.own
        for model in haystack.models
        for link in view.offer.chain(haystack.name, model.id)
        if isinstance(link, Candidate)
    ]
    return roles + models


def _role_card(name: str, role: Role) -> dict[str, Any]:
    return {
        "id": name,
        "display_name": f"Rolegraph: {role.name}",
        "description": role.description or f"Rolegraph role {role.name}",
        "owned_by": "rolegraph",
    }


def _model_card(haystack: Haystack, model: Model) -> dict[str, Any]:
    card: dict[str, Any] = {
        "id": f"{haystack.name},{model.id}",
        "display_name": f"{model.id} ({haystack.name})",
        "description": f"{model.id} of the haystack {haystack.name}",
        "owned_by": haystack.name,
        "max_input_tokens": model.context_window,
        "max_tokens": model.max_output,
        "context_window": model.context_window,
    }
    if model.capabilities is not None:
        card["rolegraph_capabilities"] = sorted(model.capabilities)
    if model.price is not None:
        card["price"] = {
            "input": model.price.input,
            "output": model.price.output,
            "cache_read": model.price.cache_read,
            "cache_write": model.price.cache_write,
        }
    return card


def _anthropic(card: dict[str, Any]) -> dict[str, Any]:
    return {"type": "model", "created_at": _UNKNOWN_DATE, "lifecycle": "active", **card}


def _openai(card: dict[str, Any]) -> dict[str, Any]:
    return {"object": "model", "created": 0, **card}


def _page(cards: list[dict[str, Any]], query: dict[str, str]) -> tuple[list[dict[str, Any]], bool]:
    """Cut one page as Anthropic's lists do: ``limit``, ``after_id`` or ``before_id``."""
    limit = query.get("limit", str(_PAGE))
    short = limit.isdecimal() and len(limit) <= len(str(_LARGEST_PAGE))
    size = int(limit) if short else 0
    if not 1 <= size <= _LARGEST_PAGE:
        raise BadRequest(f"limit: must be from 1 to {_LARGEST_PAGE}")
    ids = [card["id"] for card in cards]
    if after := query.get("after_id"):
        start = ids.index(after) + 1 if after in ids else len(ids)
        return cards[start : start + size], start + size < len(ids)
    if before := query.get("before_id"):
        end = ids.index(before) if before in ids else 0
        start = max(0, end - size)
        return cards[start:end], start > 0
    return cards[:size], size < len(ids)
