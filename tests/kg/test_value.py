"""Values are what frozen dataclasses are, but for the check while the program runs."""

from __future__ import annotations

from dataclasses import field, replace

import pytest

from kg.value import value


@value
class Point:
    """A value to try it with."""

    x: int
    y: int = 0
    seen: list[str] = field(default_factory=list, repr=False, compare=False)


def test_values_of_the_same_fields_are_one_key() -> None:
    assert {Point(1, 2): "first"} | {Point(1, 2): "second"} == {Point(1, y=2): "second"}


def test_a_replaced_field_leaves_the_value_as_it_was() -> None:
    point = Point(1, 2)
    assert (replace(point, y=3), point) == (Point(1, 3), Point(1, 2))


def test_each_value_has_its_own_defaults() -> None:
    assert Point(1).seen is not Point(1).seen


def test_a_value_has_no_fields_but_its_own() -> None:
    with pytest.raises(AttributeError):
        Point(1).z = 3  # type: ignore[attr-defined]
