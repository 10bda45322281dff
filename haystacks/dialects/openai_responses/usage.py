"""Token counts of a response: cached tokens are part of its input, reasoning of its output."""

from __future__ import annotations

from haystacks.dialect import Json
from haystacks.dialects.openai_chat import usage as chat

_CHAT_NAMES = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "total_tokens": "total_tokens",
    "input_tokens_details": "prompt_tokens_details",
    "output_tokens_details": "completion_tokens_details",
}


def decode_usage(usage: Json) -> Json:
    """Responses usage -> the canonical one."""
    return chat.decode_usage({there: usage.get(here) for here, there in _CHAT_NAMES.items()})


def encode_usage(usage: Json) -> Json:
    """Canonical usage -> that of a response."""
    told = chat.encode_usage(usage)
    return {here: told[there] for here, there in _CHAT_NAMES.items()}
