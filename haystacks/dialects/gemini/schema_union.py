"""Two schemas that a value must both fit, as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from haystacks.dialect import Json


def _both(one: Any, other: Any) -> Any:
    return {"allOf": [one, other]}


def _properties(one: Json, other: Json) -> Json:
    return {
        name: _both(one[name], other[name])
        if name in one and name in other
        else one.get(name, other.get(name))
        for name in {**one, **other}
    }


def _union(one: list[Any], other: list[Any]) -> list[Any]:
    return [*one, *(each for each in other if each not in one)]


def _common(one: Any, other: Any) -> Any:
    """Return the types or values that both allow; the first's where they have none."""
    left = one if isinstance(one, list) else [one]
    right = other if isinstance(other, list) else [other]
    common = [each for each in left if each in right or (each == "integer" and "number" in right)]
    common += [
        each for each in right if each == "integer" and "number" in left and each not in common
    ]
    if not common:
        return one
    return common if isinstance(one, list) and isinstance(other, list) else common[0]


def _additional(one: Any, other: Any) -> Any:
    if one is False or other is False:
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return _both(one, other)
    return one if isinstance(one, dict) else other


_JOIN: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "additionalProperties": _additional,
    "description": lambda one, other: f"{one} {other}",
    "enum": _common,
    "items": _both,
    "maxItems": min,
    "maximum": min,
    "minItems": max,
    "minimum": max,
    "properties": _properties,
    "required": _union,
    "type": _common,
}


def joined(one: Json, other: Json) -> Json:
    """Return one schema for both; what can't be joined is told as a word of its own."""
    both = dict(one)
    for word, value in other.items():
        if word not in both or both[word] == value:
            both[word] = value
        elif word in _JOIN:
            both[word] = _JOIN[word](both[word], value)
        elif word not in ("title", "$schema"):
            both[f"also {word}"] = value
    return both
