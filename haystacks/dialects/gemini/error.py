"""What Google says when it refuses."""

from __future__ import annotations

from typing import Final

from haystacks.dialects import error_body

_BAD_KEY: Final = b'"API_KEY_INVALID"'


def decode_error(status: int, body: bytes) -> tuple[str, str]:
    """Return (Anthropic's error type, message); a bad key has the status of a bad request."""
    kind, message = error_body.decode_error(status, body)
    return ("authentication_error" if _BAD_KEY in body else kind), message
