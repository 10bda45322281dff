"""The form that an answer must have: OpenAI's word for it, and the canonical one."""

from __future__ import annotations

from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.errors import BadRequest

_JSON_INSTRUCTION: Final = "Answer with a single JSON object and nothing else."


def decode_format(
    kind: object, schema: object, canonical: Json, adaptation: Adaptation, *, place: str
) -> None:
    """Write the wanted format into the canonical request; ``place`` is where its schema stands."""
    if kind == "json_schema":
        if not isinstance(schema, dict):
            raise BadRequest(f"{place} must be an object")
        config = canonical.setdefault("output_config", {})
        config["format"] = {"type": "json_schema", "schema": schema}
    elif kind == "json_object":
        adaptation.note("json_object became an instruction")
        instruction = [{"type": "text", "text": _JSON_INSTRUCTION}]
        system = canonical.get("system", [])
        if isinstance(system, str):
            system = [{"type": "text", "text": system}]
        canonical["system"] = system + instruction


def encode_format(wanted: Json) -> Json:
    """Return the named schema that OpenAI asks for."""
    schema = wanted.get("schema")
    return {"name": "answer", "schema": schema, "strict": _is_strict(schema)}


def _is_strict(schema: Any) -> bool:
    """Tell whether OpenAI can enforce it: objects closed, with every property required."""
    if isinstance(schema, list):
        return all(map(_is_strict, schema))
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" and (
        schema.get("additionalProperties") is not False
        or set(schema.get("required", ())) != set(properties or ())
    ):
        return False
    return all(map(_is_strict, schema.values()))
