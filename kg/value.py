"""Values: what is made once and never changed, at a price that each request can pay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Return a slotted dataclass that is frozen for the type checker, but not while it runs.

    For what every request makes, and every line of a file: one frozen for real costs
    a call for each of its fields, three times as much in all, and mypy finds whoever
    changes either.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
