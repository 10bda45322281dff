"""A judge of values by JSON Schema, as far as the tests need it."""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Json

_TYPES: dict[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}


def fits(value: Any, schema: Json, root: Json) -> bool:
    """Tell whether a value fits a schema whose references lead into ``root``'s ``$defs``."""
    if schema.get("nullable") and value is None:
        return True
    if "$ref" in schema and not fits(value, root["$defs"][schema["$ref"][8:]], root):
        return False
    if "const" in schema and not _same(value, schema["const"]):
        return False
    if "enum" in schema and not any(_same(value, each) for each in schema["enum"]):
        return False
    kinds = schema.get("type", list(_TYPES))
    if not any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        return False
    if not all(fits(value, each, root) for each in schema.get("allOf", ())):
        return False
    if "anyOf" in schema and not any(fits(value, each, root) for each in schema["anyOf"]):
        return False
    if isinstance(value, list):
        return _items_fit(value, schema, root)
    if isinstance(value, dict):
        return _properties_fit(value, schema, root)
    return not _is(value, "number") or _in_bounds(value, schema)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _in_bounds(value: float, schema: Json) -> bool:
    lowest, highest = float("-inf"), float("inf")
    return bool(
        schema.get("minimum", lowest) <= value <= schema.get("maximum", highest)
        and schema.get("exclusiveMinimum", lowest) < value < schema.get("exclusiveMaximum", highest)
    )


def _items_fit(value: list[Any], schema: Json, root: Json) -> bool:
    items = schema.get("items", {})
    first = items if isinstance(items, list) else schema.get("prefixItems", [])
    rest = {} if isinstance(items, list) else items
    return (
        schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        and all(fits(each, one, root) for each, one in zip(value, first, strict=False))
        and all(fits(each, rest, root) for each in value[len(first) :])
    )


def _properties_fit(value: dict[str, Any], schema: Json, root: Json) -> bool:
    known = schema.get("properties", {})
    more = schema.get("additionalProperties", True)
    return (
        value.keys() >= set(schema.get("required", ()))
        and all(fits(each, known[name], root) for name, each in value.items() if name in known)
        and (more is not False or value.keys() <= known.keys())
    )
