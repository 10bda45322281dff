"""Why a response ended, in both vocabularies."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Json

_CANONICAL: Final = {"max_output_tokens": "max_tokens", "content_filter": "refusal"}
_INCOMPLETE: Final = {
    "max_tokens": "max_output_tokens",
    "model_context_window_exceeded": "max_output_tokens",
    "refusal": "content_filter",
}


def stop_reason(response: Json, *, calls: bool, refused: bool) -> str:
    """Return the canonical stop reason of a response that ended.

    ``calls``: it calls a tool. ``refused``: it holds a refusal. A cut or
    filtered response keeps that reason: its calls may not be whole.
    """
    details = response.get("incomplete_details")
    if response.get("status") == "incomplete" or details:
        told = details.get("reason") if isinstance(details, dict) else None
        return _CANONICAL.get(str(told), "max_tokens")
    if calls:
        return "tool_use"
    return "refusal" if refused else "end_turn"


def incomplete_reason(stop: str | None) -> str:
    """Return why a response is incomplete; empty for one that is complete."""
    return _INCOMPLETE.get(stop or "", "")
