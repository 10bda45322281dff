"""Every way to put something wrong in a place of a request that is right."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st

Json = dict[str, Any]
Path = tuple[str | int, ...]

ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    "\x00\r\nx: y",
    [],
    [None],
    {},
    {"type": 5},
    {"type": "text"},
    [{"type": "text", "text": 5}],
)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the way to every value inside, the whole apart."""
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def changed(body: Json, path: Path, value: Any) -> Json:
    """Return the body with another value in one place, if it still has that place."""
    result = copy.deepcopy(body)
    inside: Any = result
    for key in path[:-1]:
        try:
            inside = inside[key]
        except (KeyError, IndexError, TypeError):
            return result
    last: Any = path[-1]
    if isinstance(inside, dict) or (isinstance(inside, list) and last in range(len(inside))):
        inside[last] = value
    return result


ANYTHING: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # What is no text can't be sent as JSON at all.
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abtype", max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def odd_bodies(body: Json) -> st.SearchStrategy[Json]:
    """Return bodies with one to four places changed to anything."""
    place = st.sampled_from(list(places(body)))
    changes = st.lists(st.tuples(place, st.sampled_from(ODD) | ANYTHING), min_size=1, max_size=4)

    def apply(chosen: list[tuple[Path, Any]]) -> Json:
        result = body
        for path, value in chosen:
            result = changed(result, path, value)
        return result

    return changes.map(apply)
