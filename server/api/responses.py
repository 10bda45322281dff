"""``/v1/responses/...``: what OpenAI offers for responses that it stores."""

from __future__ import annotations

from fastapi import APIRouter

from haystacks.errors import NotFound

router = APIRouter(include_in_schema=False)


@router.api_route("/v1/responses/{path:path}", methods=["GET", "POST", "DELETE"])
async def stored(path: str) -> None:
    """Say that nothing is stored. Raises ``NotFound``."""
    raise NotFound(
        f"no response is stored here, so there is no {path}: send the whole conversation as input"
    )
