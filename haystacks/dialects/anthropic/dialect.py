"""The dialect ``anthropic``, as ``haystacks.dialect.Dialect`` asks for it."""

from __future__ import annotations

from haystacks.dialects.anthropic.decode_request import decode_request
from haystacks.dialects.anthropic.encode_request import encode_request
from haystacks.dialects.anthropic.error import encode_error
from haystacks.dialects.anthropic.response import decode_response, encode_response
from haystacks.dialects.anthropic.stream import stream_decoder, stream_encoder
from haystacks.dialects.error_body import decode_error
from haystacks.pool import DialectName

__all__ = [
    "decode_error",
    "decode_request",
    "decode_response",
    "encode_error",
    "encode_request",
    "encode_response",
    "headers",
    "name",
    "path",
    "stream_decoder",
    "stream_encoder",
]

name: DialectName = "anthropic"


def path(model: str, *, stream: bool) -> str:
    """Return the one path; the location is the bare host."""
    del model, stream
    return "/v1/messages"


def headers(key: str) -> dict[str, str]:
    """Return the key and the API's version.

    It is the older version, since the newer one refuses the ``temperature``
    that a translated request may carry.
    """
    version = {"anthropic-version": "2023-06-01"}
    return {"x-api-key": key, **version} if key else version
