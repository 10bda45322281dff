"""Anthropic's whole answers, which are the canonical form."""

from __future__ import annotations

from typing import Any

from haystacks.classify import from_event
from haystacks.dialect import Json, TokenEstimate
from haystacks.errors import BadAnswer


def decode_response(body: Any, estimate: TokenEstimate) -> Json:
    """Return the message as it came.

    Raises ``BadAnswer`` for what is none, and ``UpstreamStatus`` for an error
    that came with a good status.
    """
    del estimate  # Anthropic always names its usage
    failure = from_event(body) if isinstance(body, dict) else None
    if failure is not None:
        raise failure
    if (
        isinstance(body, dict)
        and body.get("type") == "message"
        and isinstance(body.get("content"), list)
        and all(isinstance(block, dict) for block in body["content"])
    ):
        return body
    raise BadAnswer("the upstream answered with something that is no message")


def encode_response(message: Json, request: Json) -> Json:
    """Return the message as it is."""
    del request
    return message
