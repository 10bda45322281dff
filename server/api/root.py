"""The probes that clients send before they start."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["health"])


@router.head("/", include_in_schema=False)
@router.get("/")
async def root() -> dict[str, str]:
    """Tell what answers here."""
    return {"name": "rolegraph", "messages": "/v1/messages", "health": "/health"}


@router.head("/api/hello", include_in_schema=False)
async def hello() -> None:
    """Answer Claude Code, which asks Anthropic's server whether it can be reached."""
