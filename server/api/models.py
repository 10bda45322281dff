"""``GET /v1/models``: the roles and every model of every active haystack, in both shapes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from haystacks.errors import BadRequest, NotFound
from haystacks.pool import Haystack, Model
from server.gateway import Gateway
from server.snapshot import Snapshot

router = APIRouter(tags=["models"])

# Anthropic's field is required; its own documentation gives the epoch for "unknown".
_UNKNOWN_DATE = "1970-01-01T00:00:00Z"
_PAGE = 20
_LARGEST_PAGE = 1000


@router.get("/v1/models")
async def list_models(request: Request) -> dict[str, Any]:
    """List what may stand as ``model``: Anthropic's shape if its version header is sent."""
    gateway: Gateway = request.app.state.gateway
    gateway.admit(request.headers)
    cards = model_cards(gateway.snapshot)
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
    """Describe one model or role."""
    gateway: Gateway = request.app.state.gateway
    gateway.admit(request.headers)
    for card in model_cards(gateway.snapshot):
        if card["id"] == name:
            return _anthropic(card) if "anthropic-version" in request.headers else _openai(card)
    raise NotFound(f'no model "{name}"')


def model_cards(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return every name that may stand as ``model``, with what is known of it.

    A role stands twice: Claude Code only lists names that contain "anthropic" or
    "claude".
    """
    cards: list[dict[str, Any]] = []
    for prefix in ("role:", "anthropic/role:"):
        for view in snapshot.views.values():
            role = view.role
            cards.append(
                {
                    "id": f"{prefix}{role.handle}",
                    "display_name": f"Rolegraph: {role.name}",
                    "description": role.description or f"Rolegraph role {role.name}",
                    "owned_by": "rolegraph",
                }
            )
    for haystack in snapshot.haystacks.values():
        if not haystack.inactive:
            cards += [_model_card(haystack, model) for model in haystack.models]
    return cards


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
    return {"type": "model", "created_at": _UNKNOWN_DATE, **card}


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
