"""How deep JSON may nest: orjson reads four times as many levels as it can write again."""

from __future__ import annotations

from typing import Any, Final

import orjson

from haystacks.errors import BadRequest

_AROUND: Final = 32
"""Levels that a translation may put around what it was given."""


def too_deep(value: Any) -> bool:
    """Tell whether a value that was read from JSON can't be written again, in other words.

    Writing it is ten times as fast as looking into every list and object.
    """
    for _ in range(_AROUND):
        value = [value]
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return True
    return False


def written(value: Any) -> bytes:
    """Return the JSON of a request that had to change. Raises ``BadRequest`` if it is too deep."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise BadRequest("the body nests too deep to be written anew") from error
