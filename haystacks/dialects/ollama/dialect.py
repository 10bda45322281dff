"""The dialect ``ollama``, as ``haystacks.dialect.UpstreamDialect`` asks for it."""

from __future__ import annotations

from haystacks.dialects.error_body import decode_error
from haystacks.dialects.ollama.encode_request import encode_request
from haystacks.dialects.ollama.response import decode_response
from haystacks.dialects.ollama.stream_decoder import stream_decoder
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

name: DialectName = "ollama"


def path(model: str, *, stream: bool) -> str:
    """Return the one path; the body says whether to stream."""
    del model, stream
    return "/api/chat"


def headers(key: str) -> dict[str, str]:
    """Return the key as a bearer token: Ollama's cloud wants one, your own machine none."""
    return {"authorization": f"Bearer {key}"} if key else {}
