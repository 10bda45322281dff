"""The dialect ``openai_responses``, as ``haystacks.dialect.Dialect`` asks for it."""

from __future__ import annotations

from haystacks.dialects.error_body import decode_error
from haystacks.dialects.openai_chat.dialect import headers
from haystacks.dialects.openai_chat.error import encode_error
from haystacks.dialects.openai_responses.decode_request import decode_request
from haystacks.dialects.openai_responses.encode_request import encode_request
from haystacks.dialects.openai_responses.response import decode_response, encode_response
from haystacks.dialects.openai_responses.stream_decoder import stream_decoder
from haystacks.dialects.openai_responses.stream_encoder import stream_encoder
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

name: DialectName = "openai_responses"


def path(model: str, *, stream: bool) -> str:
    """Return the one path; the location ends in the API's version."""
    del model, stream
    return "/responses"
