"""What an upstream's failure means: its status or error type -> a leaf of the error tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import orjson

from haystacks.dialect import Json
from haystacks.dialects.error_body import decode_error
from haystacks.errors import (
    Conflict,
    Forbidden,
    ModelMissing,
    OurKeyRefused,
    Overloaded,
    RateLimited,
    Refused,
    TooLong,
    Unfit,
    UpstreamStatus,
)

_STATUS: Final[Mapping[str, int]] = MappingProxyType(
    {
        # Anthropic's types
        "invalid_request_error": 400,
        "authentication_error": 401,
        "billing_error": 402,
        "permission_error": 403,
        "not_found_error": 404,
        "request_too_large": 413,
        "rate_limit_error": 429,
        "api_error": 500,
        "timeout_error": 504,
        "overloaded_error": 529,
        # OpenAI's types and codes, and what its imitators add to them
        "content_policy_violation": 400,
        "context_length_exceeded": 400,
        "invalid_prompt": 400,
        "invalid_api_key": 401,
        "insufficient_balance": 402,
        "model_not_found": 404,
        "insufficient_quota": 429,
        "rate_limit_exceeded": 429,
        "requests": 429,
        "tokens": 429,
        "internal_server_error": 500,
        "server_error": 500,
        "server_is_overloaded": 503,
        "service_unavailable": 503,
        "timeout": 504,
    }
)

_LEAF: Final[Mapping[int, type[UpstreamStatus]]] = MappingProxyType(
    {
        401: OurKeyRefused,
        402: OurKeyRefused,
        403: Forbidden,
        404: ModelMissing,
        408: Conflict,
        409: Conflict,
        429: RateLimited,
    }
)

# How providers say that a conversation outgrew the context window, next to OpenAI's code
# for it. "Too many tokens" alone is also said of a rate.
_TOO_LONG: Final = re.compile(
    r"context_length_exceeded"
    r"|(?:prompt|input) (?:is )?too long"
    r"|(?:maximum|max|model's|the|available) (?:context|prompt) (?:length|size|window)"
    r"|exceed\w* (?:the )?(?:context|max(?:imum allowed input)? length|model token limit)"
    r"|context (?:window|limit|length) exceed"
    r"|(?:input|prompt) token count"
    r"|range of input length|max_new_tokens. must be"
    r"|reduce the length of the (?:messages|prompt|input)",
    re.IGNORECASE,
)
# OpenRouter's words for a prompt that its moderation stopped (403), and for a
# feature that no endpoint of the model has (404).
_UNFIT: Final = re.compile(r"flagged|no endpoints found", re.IGNORECASE)

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def from_status(
    status: int,
    kind: str,
    message: str,
    headers: Mapping[str, str] = _NO_HEADERS,
    body: bytes = b"",
) -> UpstreamStatus:
    """Return the error of this status, with the upstream's own words.

    ``kind`` is Anthropic's error type, or empty for the one of the leaf. What
    is no 4xx counts as the provider's trouble. ``body`` may hold a code beside the message.
    """
    leaf = _LEAF.get(status, Refused if 400 <= status < 500 else Overloaded)
    if kind == "authentication_error":  # Google's status for a bad key is 400
        leaf = OurKeyRefused
    elif leaf is Refused and (_TOO_LONG.search(message) or b"context_length_exceeded" in body):
        leaf = TooLong
    elif leaf in (Forbidden, ModelMissing) and _UNFIT.search(message):
        leaf = Unfit
    if leaf in (OurKeyRefused, Forbidden, Unfit):
        kind = ""  # the client would take "authentication_error" for a word about its own key
    return leaf(message, upstream_status=status, kind=kind, headers=headers)


def from_event(event: Json) -> UpstreamStatus | None:
    """Return the failure that one event of a stream announces, in any dialect; mostly ``None``.

    Such an event has no status: the error's code or type stands for it. Read are
    Anthropic's ``{"type": "error", "error": {...}}``, OpenAI's ``{"error": {...}}``,
    also with a bare text or inside a failed response, and vLLM's ``{"object": "error",
    "message": ...}``.
    """
    if event.get("type") == "response.failed":
        response = event.get("response")
        told = response.get("error") if isinstance(response, dict) else None
        event = {"error": told or "the response failed"}
    error = event.get("error")
    if not error and event.get("object") != "error" and event.get("type") != "error":
        return None
    named = error if isinstance(error, dict) else event
    status = _status(named.get("code"), named.get("type"))
    body = orjson.dumps(event)
    return from_status(status, *decode_error(status, body), body=body)


def _status(*hints: object) -> int:
    """Return the status that the first telling hint names: a number, a code or a type."""
    for hint in hints:
        if isinstance(hint, str) and hint in _STATUS:
            return _STATUS[hint]
        number = int(hint) if isinstance(hint, str) and hint.isdecimal() else hint
        if isinstance(number, int) and 400 <= number < 600:
            return number
    return 500
