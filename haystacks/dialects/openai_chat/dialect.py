"""The dialect ``openai_chat``, as ``haystacks.dialect.Dialect`` asks for it."""

from __future__ import annotations

from haystacks.dialects.error_body import decode_error
from haystacks.dialects.openai_chat.decode_request import decode_request
from haystacks.dialects.openai_chat.encode_request import encode_request
from haystacks.dialects.openai_chat.error import encode_error
from haystacks.dialects.openai_chat.response import decode_response, encode_response
from haystacks.dialects.openai_chat.stream_decoder import stream_decoder
from haystacks.dialects.openai_chat.stream_encoder import stream_encoder
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

name: DialectName = "openai_chat"


def path(model: str, *, stream: bool) -> str:
    """Return the one path; the location ends in the API's version."""
    del model, stream
    return "/chat/completions"


def headers(key: str) -> dict[str, str]:
    """Return the key as a bearer token; nothing for a provider without keys."""
    return {"authorization": f"Bearer {key}"} if key else {}
