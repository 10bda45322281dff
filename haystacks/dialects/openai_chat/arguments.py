"""A tool call's arguments: JSON in a string there, an object here."""

from __future__ import annotations

from typing import Any, Final

import orjson

from haystacks.dialect import Json

RAW: Final = "__raw_arguments"
"""The one key of an input whose arguments were no JSON object: their text, unchanged."""


def decode_arguments(arguments: Any) -> Json:
    """Return the object that the text holds, or the text itself under ``RAW``.

    Models do write broken JSON. The tool must refuse it by itself, and the text
    must reach the next request unchanged; losing it or failing helps nobody.
    Some upstreams send the object itself, or nothing for a tool without arguments.
    """
    if arguments is None or isinstance(arguments, dict):
        return arguments or {}
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    if not text.strip():
        return {}
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {RAW: text}
    return parsed if isinstance(parsed, dict) else {RAW: text}


def encode_arguments(value: Json) -> str:
    """Return the text of the arguments; the inverse of ``decode_arguments``."""
    raw = value.get(RAW)
    if isinstance(raw, str) and len(value) == 1:
        return raw
    return orjson.dumps(value).decode()
