"""JSON Schema as Gemini understands it.

Google takes any JSON Schema, but acts only on the words listed here and
ignores the rest in silence. So what has another form in these words is
rewritten, and what has none is told to the model in the description.
(ai.google.dev, ``GenerationConfig.responseJsonSchema``)
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from haystacks.dialect import Json
from haystacks.dialects.gemini.schema_union import joined
from haystacks.dialects.gemini.schema_words import in_gemini_words

_UNDERSTOOD: Final = frozenset(
    {
        "additionalProperties",
        "anyOf",
        "description",
        "enum",
        "format",
        "items",
        "maxItems",
        "maximum",
        "minItems",
        "minimum",
        "prefixItems",
        "properties",
        "propertyOrdering",
        "required",
        "title",
        "type",
    }
)
_SILENT: Final = frozenset(
    {
        "$anchor",
        "$comment",
        "$defs",
        "$dynamicAnchor",
        "$id",
        "$schema",
        "$vocabulary",
        "definitions",
        "deprecated",
        "discriminator",
        "id",
        "readOnly",
        "writeOnly",
    }
)
"""What says nothing about a value."""

_MOST_SCHEMAS: Final = 5000
"""References to references can make a small schema endless."""

_DEEPEST: Final = 40


def clean_schema(schema: Json) -> Json:
    """Return the schema in Gemini's words, with every reference resolved.

    A schema that contains itself is cut where it begins anew.
    """
    return _Cleaner(schema).clean(schema, ())


class _Cleaner:
    """Cleans one schema; ``path`` holds the references that lead to where it is."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._left = _MOST_SCHEMAS

    def clean(self, schema: Any, path: tuple[str, ...]) -> Json:
        self._left -= 1
        if not isinstance(schema, dict) or self._left < 0 or len(path) > _DEEPEST:
            return {}
        flat, path = self._flat(schema, path)
        cleaned = {word: value for word, value in flat.items() if word in _UNDERSTOOD}
        deeper = (*path, "")
        for word in ("items", "additionalProperties"):
            if isinstance(flat.get(word), dict):
                cleaned[word] = self.clean(flat[word], deeper)
        for word in ("anyOf", "prefixItems"):
            if word in flat:
                cleaned[word] = [self.clean(each, deeper) for each in flat[word]]
        if "properties" in flat:
            cleaned["properties"] = {
                name: self.clean(each, deeper) for name, each in flat["properties"].items()
            }
        untold = {word: flat[word] for word in flat.keys() - _UNDERSTOOD - _SILENT}
        return _described(cleaned, untold)

    def _flat(self, schema: Json, path: tuple[str, ...]) -> tuple[Json, tuple[str, ...]]:
        """Return the schema with what it refers to, and all that it must fit, in one."""
        own = in_gemini_words(schema)
        reference, every = own.pop("$ref", None), own.pop("allOf", [])
        if isinstance(reference, str):
            if reference in path:
                return joined(own, self._hint(reference)), path
            target, path = self._flat(self._find(reference), (*path, reference))
            own = joined(own, target)
        for each in every:
            if isinstance(each, dict):
                part, path = self._flat(each, path)
                own = joined(own, part)
        return own, path

    def _hint(self, reference: str) -> Json:
        """Return what can be said of a schema inside of itself."""
        told: Json = {"description": f"As {reference.rpartition('/')[2] or 'the whole'} above."}
        kind = self._find(reference).get("type")
        return {"type": kind, **told} if kind else told

    def _find(self, reference: str) -> Json:
        """Return the schema that a reference names; an open one if there is none."""
        found: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) and reference.startswith("#") else {}


def _described(cleaned: Json, untold: Json) -> Json:
    if not untold:
        return cleaned
    told = orjson.dumps(untold, option=orjson.OPT_SORT_KEYS).decode()
    description = cleaned.get("description")
    return {**cleaned, "description": f"{description} {told}" if description else told}
