"""Anthropic's error envelope."""

from __future__ import annotations

from haystacks.dialect import Json


def encode_error(status: int, kind: str, message: str, request_id: str) -> Json:
    """Return Anthropic's envelope; its type alone tells the kind of error."""
    del status
    return {
        "type": "error",
        "error": {"type": kind, "message": message},
        "request_id": request_id,
    }
