"""OpenAI's error envelope."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Json

_TYPES: Final[dict[str, tuple[str, str | None]]] = {
    "invalid_request_error": ("invalid_request_error", None),
    "authentication_error": ("authentication_error", "invalid_api_key"),
    "permission_error": ("permission_error", "permission_denied"),
    "not_found_error": ("invalid_request_error", "not_found"),
    "not_supported": ("invalid_request_error", "not_supported"),
    "request_too_large": ("invalid_request_error", "request_too_large"),
    "budget_exceeded": ("insufficient_quota", "budget_exceeded"),
    "rate_limit_error": ("rate_limit_error", "rate_limit_exceeded"),
    "overloaded_error": ("server_error", "server_is_overloaded"),
    "timeout_error": ("server_error", "timeout"),
}


def encode_error(status: int, kind: str, message: str, request_id: str) -> Json:
    """Return OpenAI's envelope: Anthropic's error type becomes a type and a code.

    OpenAI names the request in a header, never in the envelope.
    """
    del status, request_id
    type_, code = _TYPES.get(kind, ("server_error", None))
    if message.startswith("prompt is too long"):
        code = "context_length_exceeded"  # what OpenAI's clients compact on
    return {"error": {"message": message, "type": type_, "param": None, "code": code}}
