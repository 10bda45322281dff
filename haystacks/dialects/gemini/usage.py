"""Gemini's token counts in the normal form, so that nothing cached is billed twice.

``promptTokenCount`` includes the cached tokens, and leaves out the results of
tools that Google ran; ``candidatesTokenCount`` leaves out the thoughts.
"""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Json


def decode_usage(usage: Json) -> Json:
    """``usageMetadata`` -> the canonical usage."""
    cached = _count(usage, "cachedContentTokenCount")
    thoughts = _count(usage, "thoughtsTokenCount")
    prompt = _count(usage, "promptTokenCount") + _count(usage, "toolUsePromptTokenCount")
    canonical: Json = {
        "input_tokens": max(prompt - cached, 0),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": cached,
        "output_tokens": _count(usage, "candidatesTokenCount") + thoughts,
    }
    if thoughts:
        canonical["output_tokens_details"] = {"thinking_tokens": thoughts}
    return canonical


def _count(usage: Json, name: str) -> int:
    found: Any = usage.get(name)
    return found if isinstance(found, int) else 0
