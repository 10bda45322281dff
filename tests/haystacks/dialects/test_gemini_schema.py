"""A schema for Gemini holds only the words that it acts on, and keeps its meaning."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialect import Json
from haystacks.dialects.gemini.schema import clean_schema
from tests.haystacks.dialects.json_schema import fits

# ai.google.dev, GenerationConfig.responseJsonSchema, without the words for references
WORDS = {
    "type",
    "format",
    "title",
    "description",
    "enum",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "anyOf",
    "properties",
    "additionalProperties",
    "required",
    "propertyOrdering",
}


def accepted(schema: Any) -> bool:
    """Tell whether Google acts on every word of the schema."""
    assert isinstance(schema, dict)
    inner = [*schema.get("anyOf", ()), *schema.get("prefixItems", ())]
    inner += schema.get("properties", {}).values()
    inner += [schema[w] for w in ("items",) if w in schema]
    if isinstance(schema.get("additionalProperties"), dict):
        inner.append(schema["additionalProperties"])
    values = schema.get("enum", ())
    plain = all(isinstance(v, str | int | float) and not isinstance(v, bool) for v in values)
    return schema.keys() <= WORDS and plain and all(map(accepted, inner))


@pytest.mark.parametrize(
    ("schema", "cleaned"),
    [
        ({"$schema": "x", "$id": "y", "$comment": "z"}, {}),
        ({"const": "a"}, {"type": "string", "enum": ["a"]}),
        ({"enum": ["a", 1]}, {"type": ["string", "integer"], "enum": ["a", 1]}),
        (
            {"enum": ["a", None]},
            {"type": ["string", "null"], "description": '{"one of":["a",null]}'},
        ),
        ({"oneOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}]}),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
        ({"type": "integer", "exclusiveMaximum": 9}, {"type": "integer", "maximum": 8}),
        (
            {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            {"type": "integer", "minimum": 1},
        ),
        (
            {"type": "number", "exclusiveMinimum": 0, "description": "The price."},
            {"type": "number", "description": 'The price. {"exclusiveMinimum":0}'},
        ),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "format": "date"}, {"type": "string", "format": "date"}),
        (
            {"type": "string", "format": "uri", "pattern": "^h"},
            {"type": "string", "description": '{"pattern":"^h","the format":"uri"}'},
        ),
        ({"default": 5, "type": "integer"}, {"type": "integer", "description": '{"default":5}'}),
        ({"items": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}]}),
        ({"prefixItems": [{}], "items": False}, {"prefixItems": [{}], "maxItems": 1}),
        (
            {"allOf": [{"properties": {"a": {}}, "required": ["a"]}, {"required": ["b"]}]},
            {"properties": {"a": {}}, "required": ["a", "b"]},
        ),
        (
            {"$ref": "#/$defs/a~1b", "description": "It.", "$defs": {"a/b": {"type": "string"}}},
            {"type": "string", "description": "It."},
        ),
        ({"$ref": "https://x.example/other.json"}, {}),
        (
            {"properties": {"const": {"const": 1}}},
            {"properties": {"const": {"type": "integer", "enum": [1]}}},
        ),
    ],
)
def test_what_gemini_ignores_is_said_in_words_that_it_knows(schema: Json, cleaned: Json) -> None:
    assert clean_schema(schema) == cleaned


def test_a_schema_that_contains_itself_is_cut_where_it_begins_anew() -> None:
    node: Json = {
        "type": "object",
        "properties": {"next": {"$ref": "#/$defs/node"}, "value": {"type": "string"}},
    }
    cleaned = clean_schema({"$ref": "#/$defs/node", "$defs": {"node": node}})
    assert cleaned["properties"] == {
        "next": {"type": "object", "description": "As node above."},
        "value": {"type": "string"},
    }
    assert clean_schema({"properties": {"all": {"$ref": "#"}}})


def test_a_small_schema_does_not_become_endless() -> None:
    layers = {
        f"l{n}": {"properties": {k: {"$ref": f"#/$defs/l{n + 1}"} for k in "abcdefgh"}}
        for n in range(12)
    }
    assert len(orjson.dumps(clean_schema({"$ref": "#/$defs/l0", "$defs": layers}))) < 500_000
    deep: Json = {}
    for _ in range(400):
        deep = {"items": deep}
    assert clean_schema(deep)


# -- Any schema

names = st.sampled_from("ab")
values = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)
scalars = st.one_of(
    st.builds(lambda v: {"const": v}, values),
    st.builds(lambda v: {"enum": v}, st.lists(values, min_size=1, max_size=3)),
    st.fixed_dictionaries(
        {"type": st.just("integer")},
        optional={
            "minimum": st.integers(-2, 2),
            "maximum": st.integers(-2, 2),
            "exclusiveMinimum": st.integers(-2, 2),
            "exclusiveMaximum": st.integers(-2, 2),
            "default": st.integers(-2, 2),
        },
    ),
    st.fixed_dictionaries({"type": st.just("string")}, optional={"nullable": st.just(value=True)}),
    st.just({"$ref": "#/$defs/d"}),
    st.just({}),
)
schemas = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(lambda s: {"type": "array", "items": s}, inner),
        st.builds(lambda s: {"type": "array", "items": s}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda s: {"anyOf": s}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda s: {"allOf": s}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(
            lambda p, r, a: {
                "type": "object",
                "properties": p,
                "required": r,
                "additionalProperties": a,
            },
            st.dictionaries(names, inner, max_size=2),
            st.lists(names, max_size=1),
            st.booleans(),
        ),
    ),
    max_leaves=5,
)
instances = st.recursive(
    values,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=4,
)


@given(schema=schemas, definition=schemas)
@settings(max_examples=200)
def test_any_schema_becomes_one_that_google_acts_on(schema: Json, definition: Json) -> None:
    assert accepted(clean_schema({**schema, "$defs": {"d": definition}}))


@given(schema=schemas, definition=scalars.filter(lambda s: "$ref" not in s), instance=instances)
@settings(max_examples=300)
def test_a_value_that_fits_the_schema_fits_it_cleaned(
    schema: Json, definition: Json, instance: Any
) -> None:
    full = {**schema, "$defs": {"d": definition}}
    if fits(instance, full, full):
        assert fits(instance, clean_schema(full), {})


odd = st.recursive(
    values,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["$ref", "$defs", "d", "allOf", "anyOf", "oneOf", "type", *sorted(WORDS)]
            ),
            inner | st.just("#/$defs/d"),
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(schema=st.dictionaries(st.sampled_from(["$ref", "$defs", "allOf", *sorted(WORDS)]), odd))
@settings(max_examples=300)
def test_no_schema_however_odd_is_a_fault_of_ours(schema: Json) -> None:
    assert isinstance(clean_schema(schema), dict)
