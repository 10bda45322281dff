"""Anthropic's error envelope."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Json

NO_THREADS: Final = "thread: this provider keeps no message threads"
"""Anthropic's SDK hears it by a code, and then sends the whole conversation."""

_DETAILS: Final = {NO_THREADS: {"error_code": "thread_unsupported_request"}}


def encode_error(status: int, kind: str, message: str, request_id: str) -> Json:
    """Return Anthropic's envelope; its type alone tells the kind of error."""
    del status
    error: Json = {"type": kind, "message": message}
    if message in _DETAILS:
        error["details"] = _DETAILS[message]
    return {"type": "error", "error": error, "request_id": request_id}
