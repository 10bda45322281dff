"""The dialect ``gemini``, as ``haystacks.dialect.UpstreamDialect`` asks for it."""

from __future__ import annotations

from urllib.parse import quote

from haystacks.dialects.gemini.encode_request import encode_request
from haystacks.dialects.gemini.error import decode_error
from haystacks.dialects.gemini.response import decode_response
from haystacks.dialects.gemini.stream_decoder import stream_decoder
from haystacks.pool import DialectName

__all__ = [
    "decode_error",
    "decode_response",
    "encode_request",
    "headers",
    "name",
    "path",
    "stream_decoder",
]

name: DialectName = "gemini"


def path(model: str, *, stream: bool) -> str:
    """Return the model's path: the body names neither the model nor the wish to stream."""
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/models/{quote(model.removeprefix('models/'), safe='')}:{method}"


def headers(key: str) -> dict[str, str]:
    """Return the key; nothing where a proxy on the way adds its own."""
    return {"x-goog-api-key": key} if key else {}
