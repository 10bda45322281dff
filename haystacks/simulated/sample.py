"""A value that fits a JSON Schema: what a simulated model fills in for a tool or an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

# Deeper than any schema that people write; it only ends the ones that contain themselves.
_MAX_DEPTH: Final = 12

# By a part of the property's name. Harmless where a client really runs the tool: a shell
# prints a greeting, and a writer makes a file that nobody misses.
_BY_NAME: Final = (
    ("command", "echo hello from rolegraph"),
    ("city", "Paris"),
    ("location", "Paris"),
    ("url", "https://example.com"),
    ("path", "rolegraph-demo.txt"),
    ("file", "rolegraph-demo.txt"),
    ("query", "hello"),
    ("pattern", "hello"),
)
_BY_FORMAT: Final = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "PT1S",
    "email": "user@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def sample(schema: Schema, name: str = "") -> Any:
    """Return a value that fits ``schema``; only required properties are filled in.

    ``name`` is that of the property, and chooses among strings. What a schema
    asks through ``pattern``, ``uniqueItems``, ``not`` or ``if`` is not looked at.
    """
    return _sample(schema, name, schema, 0)


def _sample(schema: Any, name: str, root: Schema, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        return None
    schema = _resolved(schema, root)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if isinstance(schema.get(key), list) and schema[key]:
            return schema[key][0]
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            return _sample({**_without(schema, key), **schema[key][0]}, name, root, depth + 1)
    match _type(schema):
        case "object":
            return _object(schema, root, depth)
        case "array":
            item = schema.get("items", {"type": "string"})
            return [
                _sample(each, name, root, depth + 1)
                for each in schema.get("prefixItems", [item] * schema.get("minItems", 0))
            ]
        case "string":
            return _string(schema, name)
        case "integer":
            return math.ceil(_number(schema, 1))
        case "number":
            return _number(schema, 0.5)
        case "boolean":
            return False
        case _:
            return None


def _resolved(schema: Schema, root: Schema) -> Schema:
    """Follow ``$ref`` inside the document, and lay the parts of ``allOf`` over one another."""
    for _ in range(_MAX_DEPTH):
        if not str(schema.get("$ref", "")).startswith("#"):
            break
        target: Any = root
        for step in schema["$ref"].split("/")[1:]:
            target = target.get(step, {}) if isinstance(target, Mapping) else {}
        schema = {**target, **_without(schema, "$ref")}
    if not schema.get("allOf"):
        return schema
    merged: dict[str, Any] = _without(schema, "allOf")
    for part in schema["allOf"]:
        for key, value in _resolved(part, root).items():
            if key == "properties":
                merged[key] = {**merged.get(key, {}), **value}
            elif key == "required":
                merged[key] = [*merged.get(key, ()), *value]
            else:
                merged.setdefault(key, value)
    return merged


def _without(schema: Schema, key: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != key}


def _type(schema: Schema) -> str:
    named = schema.get("type")
    if isinstance(named, list):
        named = next((each for each in named if each != "null"), "null")
    if named is None:
        named = "object" if "properties" in schema else "array" if "items" in schema else "string"
    return str(named)


def _object(schema: Schema, root: Schema, depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {
        name: _sample(properties.get(name, {}), name, root, depth + 1)
        for name in dict.fromkeys(schema.get("required", ()))
    }


def _string(schema: Schema, name: str) -> str:
    lowered = name.lower()
    text = _BY_FORMAT.get(str(schema.get("format"))) or next(
        (value for part, value in _BY_NAME if part in lowered), "example"
    )
    return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength")]


def _number(schema: Schema, step: float) -> float:
    """Return the number nearest to 1 within the bounds; ``step`` keeps clear of open ones."""
    low: float = schema.get("minimum", -math.inf)
    high: float = schema.get("maximum", math.inf)
    above: float = schema.get("exclusiveMinimum", -math.inf)
    below: float = schema.get("exclusiveMaximum", math.inf)
    if step < 1 and math.isfinite(above) and math.isfinite(min(below, high)):
        step = (min(below, high) - above) / 2
    value = min(max(1, low, above + step), high, below - step)
    every: float = schema.get("multipleOf", 0)
    return math.ceil(value / every) * every if every else value
