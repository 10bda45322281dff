"""What some models must find in the history, or refuse it."""

from __future__ import annotations

import re
from typing import Final

from haystacks.dialect import Json
from haystacks.pool import Model

_WANTS_REASONING: Final = re.compile(r"deepseek|kimi")
_WANTS_SIGNATURE: Final = re.compile(r"gemini-[3-9]")
_NO_REASONING: Final = " "
"""Stands for reasoning that another model did; Kimi takes an empty text for a missing one."""

_NO_SIGNATURE: Final = {"google": {"thought_signature": "skip_thought_signature_validator"}}
"""Google's own word for a call whose signature is lost, as it is in every other dialect."""


def keeps_reasoning(model: Model) -> bool:
    """Tell whether the model wants the ``reasoning_content`` of its answers back."""
    return _WANTS_REASONING.search(model.id.lower()) is not None


def complete(message: Json, reasoning: str, model: Model) -> Json:
    """Return an assistant's message with what this model looks for in it.

    DeepSeek and Kimi want ``reasoning_content`` in each, and then no null
    content. Gemini 3 wants a signature at the first call of each.
    """
    if keeps_reasoning(model):
        content = message["content"] or ""
        return {**message, "content": content, "reasoning_content": reasoning or _NO_REASONING}
    if "tool_calls" in message and _WANTS_SIGNATURE.search(model.id.lower()):
        first, *others = message["tool_calls"]
        return {**message, "tool_calls": [{**first, "extra_content": _NO_SIGNATURE}, *others]}
    return message
