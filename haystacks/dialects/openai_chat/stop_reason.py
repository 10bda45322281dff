"""Why an answer ended, in both vocabularies."""

from __future__ import annotations

from typing import Final

_CANONICAL: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "model_length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
_OPENAI: Final = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}

FAILED: Final = frozenset({"error", "insufficient_system_resource"})
"""Finish reasons that mean a breakdown: OpenRouter's and Mistral's, and DeepSeek's."""


def stop_reason(finish_reason: str | None, *, tools: bool) -> str:
    """Return the canonical stop reason.

    An answer with a tool call ends in ``tool_use``, since many upstreams say
    ``stop`` there, and one without a call never does. Only a cut or a filtered
    answer keeps its own reason: its calls may not be whole.
    """
    reason = _CANONICAL.get(finish_reason or "", "end_turn")
    if reason in ("end_turn", "tool_use"):
        return "tool_use" if tools else "end_turn"
    return reason


def finish_reason(stop: str | None) -> str:
    """Return OpenAI's finish reason; what it has no word for is a plain ``stop``."""
    return _OPENAI.get(stop or "", "stop")
