"""How a stream that has begun tells its failure."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Json

_CODES: Final = {
    "rate_limit_error": "rate_limit_exceeded",
    "invalid_request_error": "invalid_prompt",
    "request_too_large": "invalid_prompt",
}


def error_of(kind: str, message: str) -> Json:
    """Return code and message; Codex asks again at all but ``invalid_prompt`` and a full context.

    An overloaded provider is a ``server_error``: at ``server_is_overloaded``
    Codex would give up, though the next try may go to another provider.
    """
    code = _CODES.get(kind, "server_error")
    if message.startswith("prompt is too long"):
        code = "context_length_exceeded"
    return {"code": code, "message": message}
