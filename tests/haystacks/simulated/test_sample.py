"""A sample fits its schema: pydantic writes the schemas and judges the values."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import uuid
from typing import Annotated, Any, Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter

from haystacks.simulated.sample import sample


class Colour(enum.Enum):
    red = "r"
    blue = "b"


class Leaf(BaseModel):
    colour: Colour
    at: dt.datetime
    day: dt.date
    span: dt.timedelta
    key: uuid.UUID
    host: ipaddress.IPv4Address | ipaddress.IPv6Address


class Tree(BaseModel):
    leaf: Leaf
    kind: Literal["tree"]
    children: Annotated[list[Leaf], Field(min_length=2)]
    pair: tuple[int, str]
    maybe: int | None
    table: dict[str, int]
    parent: Tree | None = None


class Chain(BaseModel):
    """Contains itself, through a list that may be empty."""

    links: list[Chain]


def fits(kind: Any) -> bool:
    adapter = TypeAdapter(kind)
    adapter.validate_python(sample(adapter.json_schema()))
    return True


def test_nested_schemas_with_references_are_filled_in() -> None:
    assert fits(Tree)
    assert fits(Chain)


@given(st.integers(-100, 100), st.integers(0, 50), st.sampled_from([int, float]))
def test_a_number_keeps_within_its_bounds(low: int, width: int, kind: type) -> None:
    assert fits(Annotated[kind, Field(ge=low, le=low + width)])
    assert fits(Annotated[kind, Field(gt=low, lt=low + width + 2)])
    assert fits(Annotated[kind, Field(ge=low, multiple_of=3)])


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_string_keeps_its_length(shortest: int, more: int) -> None:
    assert fits(Annotated[str, Field(min_length=shortest, max_length=shortest + more)])


def test_what_the_schema_itself_proposes_comes_first() -> None:
    assert sample({"const": 7, "type": "integer"}) == 7
    assert sample({"default": "x", "enum": ["y", "x"]}) == "x"
    assert sample({"type": "string", "examples": ["Rome"]}, "city") == "Rome"


def test_parts_of_all_of_are_laid_over_one_another() -> None:
    part = {"properties": {"a": {"type": "integer"}}, "required": ["a"]}
    other = {"properties": {"b": {"type": "boolean"}}, "required": ["b"]}
    assert sample({"type": "object", "allOf": [part, other]}) == {"a": 1, "b": False}


def test_a_schema_that_never_ends_is_given_up() -> None:
    endless = {"type": "object", "properties": {"self": {"$ref": "#"}}, "required": ["self"]}
    assert isinstance(sample(endless), dict)
    assert isinstance(sample({"$ref": "#"}), str)
