"""What surrounds the output of a response: its identity, and its request told back."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Json

_ECHOED: Final[Json] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
    "user": None,
}
"""The request's fields that a response repeats, with what stands for a missing one."""


def envelope(request: Json, response: str, model: str, created_at: int) -> Json:
    """Return a response that has only begun: no output, no usage, still in progress.

    ``response`` is its id, ``created_at`` in Unix seconds. The SDK's model of a
    response requires the tools and the choice among them.
    """
    told = {name: request.get(name) for name in _ECHOED}
    return {
        "id": response,
        "object": "response",
        "created_at": created_at,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": model,
        "output": [],
        "previous_response_id": None,
        "store": False,
        "truncation": "disabled",
        "usage": None,
        **{name: _ECHOED[name] if value is None else value for name, value in told.items()},
    }
