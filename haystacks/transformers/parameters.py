"""Where each dialect keeps a parameter of its body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from haystacks.dialect import Json
from haystacks.pool import DialectName

Place = tuple[str, ...]

PLACES: Final[Mapping[str, Mapping[str, Place]]] = {
    "max_tokens": {
        "anthropic": ("max_tokens",),
        "openai_chat": ("max_tokens",),
        "openai_responses": ("max_output_tokens",),
        "gemini": ("generationConfig", "maxOutputTokens"),
        "ollama": ("options", "num_predict"),
    },
    "temperature": {
        "anthropic": ("temperature",),
        "openai_chat": ("temperature",),
        "openai_responses": ("temperature",),
        "gemini": ("generationConfig", "temperature"),
        "ollama": ("options", "temperature"),
    },
    "top_p": {
        "anthropic": ("top_p",),
        "openai_chat": ("top_p",),
        "openai_responses": ("top_p",),
        "gemini": ("generationConfig", "topP"),
        "ollama": ("options", "top_p"),
    },
    "top_k": {
        "anthropic": ("top_k",),
        "openai_chat": ("top_k",),
        "gemini": ("generationConfig", "topK"),
        "ollama": ("options", "top_k"),
    },
    "repetition_penalty": {
        "openai_chat": ("repetition_penalty",),
        "ollama": ("options", "repeat_penalty"),
    },
}
"""By parameter and dialect; a dialect that is not there has no such parameter."""


def place_of(parameter: str, dialect: DialectName, body: Json) -> Place | None:
    """Return where the parameter stands, or would stand, in this body."""
    if parameter == "max_tokens" and "max_completion_tokens" in body:
        return ("max_completion_tokens",)
    return PLACES[parameter].get(dialect)


def value_at(body: Json, place: Place) -> Any:
    """Return the value, or ``None`` where there is none."""
    found: Any = body
    for key in place:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def with_value(body: Json, place: Place, value: Any) -> Json:
    """Return the body with this value in its place; ``None`` takes what is there away."""
    if value_at(body, place) == value:
        return body
    key, *rest = place
    if rest:
        inner = body.get(key)
        return {**body, key: with_value(inner if isinstance(inner, dict) else {}, (*rest,), value)}
    if value is None:
        return {name: kept for name, kept in body.items() if name != key}
    return {**body, key: value}
