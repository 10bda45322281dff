"""Tool and answer schemas lose what Gemini refuses, on its OpenAI-compatible endpoint."""

from __future__ import annotations

from typing import Any, Final

from haystacks.dialect import Json
from haystacks.dialects.gemini.schema import clean_schema
from haystacks.transformer import Form, Target, Transformer
from haystacks.transformers.chat_messages import each_parameters
from haystacks.transformers.cleancache import unmarked
from haystacks.transformers.parameters import value_at, with_value

_ANSWER: Final = ("response_format", "json_schema", "schema")
_FORMATS: Final = ("enum", "date-time")
"""The only formats of a string that this endpoint takes."""


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""
    return Transformer("gemini", body=_fit)


def _fit(body: Json, target: Target) -> Json:
    if target.dialect != "openai_chat":
        return body  # the native dialect does so by itself
    body = each_parameters(unmarked(body), _cleaned)
    schema = value_at(body, _ANSWER)
    return with_value(body, _ANSWER, _cleaned(schema)) if isinstance(schema, dict) else body


def _cleaned(schema: Json) -> Json:
    clean = _narrowed(clean_schema(schema))
    return schema if clean == schema else clean


def _narrowed(schema: Json) -> Json:
    """Leave out what the native format understands, and this endpoint refuses."""
    kept: Json = {}
    for word, value in schema.items():
        if word == "properties":
            kept[word] = {name: _narrowed(each) for name, each in value.items()}
        elif word == "items":
            kept[word] = _narrowed(value)
        elif word == "anyOf":
            kept[word] = [_narrowed(each) for each in value]
        elif not _refused(word, value):
            kept[word] = value
    return kept


def _refused(word: str, value: Any) -> bool:
    if word == "format":
        return value not in _FORMATS
    return word in {"additionalProperties", "prefixItems"}
