"""Token counts in one normal form, so that nothing cached is billed twice.

OpenAI counts cached tokens inside ``prompt_tokens``; Anthropic counts them
beside ``input_tokens``. DeepSeek names the cached share differently.
"""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Json


def _count(usage: Json, *path: str) -> int:
    found: Any = usage
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, int) else 0


def decode_usage(usage: Json) -> Json:
    """OpenAI's usage -> the canonical one."""
    read = _count(usage, "prompt_tokens_details", "cached_tokens")
    read = read or _count(usage, "prompt_cache_hit_tokens")
    written = _count(usage, "prompt_tokens_details", "cache_write_tokens")
    canonical: Json = {
        "input_tokens": max(_count(usage, "prompt_tokens") - read - written, 0),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "output_tokens": _count(usage, "completion_tokens"),
    }
    thought = _count(usage, "completion_tokens_details", "reasoning_tokens")
    if thought:
        canonical["output_tokens_details"] = {"thinking_tokens": thought}
    return canonical


def encode_usage(usage: Json) -> Json:
    """Canonical usage -> OpenAI's."""
    read = _count(usage, "cache_read_input_tokens")
    written = _count(usage, "cache_creation_input_tokens")
    prompt = _count(usage, "input_tokens") + read + written
    completion = _count(usage, "output_tokens")
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
        "completion_tokens_details": {
            "reasoning_tokens": _count(usage, "output_tokens_details", "thinking_tokens")
        },
    }


def estimated_usage(input_tokens: int, output_tokens: int) -> Json:
    """Return a whole canonical usage from local counts."""
    return {
        "input_tokens": input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output_tokens,
    }
