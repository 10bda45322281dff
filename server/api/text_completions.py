"""``POST /v1/completions``: OpenAI's former endpoint; it says where the new one is."""

from __future__ import annotations

from fastapi import APIRouter

from haystacks.errors import NotSupported

router = APIRouter(include_in_schema=False)


class Superseded(NotSupported):
    """There is a newer endpoint for it."""

    status = 404


@router.post("/v1/completions")
async def complete() -> None:
    """Refuse. Raises ``Superseded``."""
    raise Superseded("/v1/completions is not served: send messages to /v1/chat/completions instead")
