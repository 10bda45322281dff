"""One schema's own words, without those inside of it, as Gemini knows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from haystacks.dialect import Json

_FORMATS: Final = frozenset({"date", "date-time", "double", "float", "int32", "int64", "time"})
_TYPES: Final[Mapping[type, str]] = {
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "integer",
    list: "array",
    str: "string",
    type(None): "null",
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_SHAPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "additionalProperties": lambda value: isinstance(value, bool | dict),
    "allOf": lambda value: isinstance(value, list),
    "anyOf": lambda value: isinstance(value, list) and bool(value),
    "description": lambda value: isinstance(value, str),
    "enum": lambda value: isinstance(value, list) and bool(value),
    "format": lambda value: isinstance(value, str),
    "items": lambda value: isinstance(value, dict | list) or value is False,
    "maxItems": _is_number,
    "maximum": _is_number,
    "minItems": _is_number,
    "minimum": _is_number,
    "prefixItems": lambda value: isinstance(value, list) and bool(value),
    "properties": lambda value: isinstance(value, dict),
    "required": lambda value: isinstance(value, list),
}


def in_gemini_words(schema: Json) -> Json:
    """Return the schema with older and richer words in the form that Gemini acts on.

    What keeps a word of its own is what has no such form.
    """
    found = {
        word: value
        for word, value in schema.items()
        if word not in _SHAPES or _SHAPES[word](value)  # a word of a wrong shape says nothing
    }
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if "oneOf" in found and "anyOf" not in found and _SHAPES["anyOf"](found["oneOf"]):
        found["anyOf"] = found.pop("oneOf")  # Gemini reads the two alike
    _tuples(found)
    _enum(found)
    _bound(found, "exclusiveMinimum", "minimum", 1)
    _bound(found, "exclusiveMaximum", "maximum", -1)
    if found.pop("nullable", None) is True and "type" in found:
        found["type"] = [*_types(found), "null"]
    if "format" in found and found["format"] not in _FORMATS:
        found["the format"] = found.pop("format")
    return found


def _types(schema: Json) -> list[Any]:
    kind = schema["type"]
    return kind if isinstance(kind, list) else [kind]


def _tuples(schema: Json) -> None:
    """Turn the older form of a tuple, a list of ``items``, into today's; say where it ends."""
    if isinstance(schema.get("items"), list):
        first = schema.pop("items")
        if first:
            schema["prefixItems"] = first
        if isinstance(schema.get("additionalItems"), dict):
            schema["items"] = schema.pop("additionalItems")
    if schema.get("items") is False:
        del schema["items"]
        schema.setdefault("maxItems", len(schema.get("prefixItems", ())))


def _enum(schema: Json) -> None:
    """Name the type of an enum; one of anything but texts and numbers can only be told."""
    values = schema.get("enum")
    if values is None:
        return
    kinds = list(dict.fromkeys(_TYPES[type(value)] for value in values))
    schema.setdefault("type", kinds[0] if len(kinds) == 1 else kinds)
    if not {"string", "integer", "number"}.issuperset(kinds):
        schema["one of"] = schema.pop("enum")


def _bound(schema: Json, strict: str, plain: str, step: int) -> None:
    """Turn a bound that is no value itself into one that is, which only integers allow."""
    bound = schema.get(strict)
    if bound is True:  # the older form: it says how the plain bound is meant
        bound = schema.get(plain)
    if schema.get("type") != "integer" or not isinstance(bound, int):
        if bound is False:
            del schema[strict]
        return
    del schema[strict]
    tightest = max if step > 0 else min
    schema[plain] = tightest(bound + step, schema.get(plain, bound + step))
