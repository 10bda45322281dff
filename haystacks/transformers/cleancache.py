"""Every ``cache_control`` mark is taken out, for providers that refuse it."""

from __future__ import annotations

from typing import Any, Final

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer

_MARK: Final = "cache_control"
_HOLDERS: Final = ("system", "messages", "tools", "input", "content", "source", "function")
"""The keys below which marks can stand. What tools are called with is the client's own."""


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""

    def clean(body: Json, _target: Target) -> Json:
        return unmarked(body)

    return Transformer("cleancache", body=clean)


def unmarked(holder: Json) -> Json:
    """Return a body, message, block or tool without marks; the same one if it has none."""
    changed: Json = {}
    for key in _HOLDERS:
        if key in holder and not (key == "input" and holder.get("type") == "tool_use"):
            inner = _unmarked(holder[key])
            if inner is not holder[key]:
                changed[key] = inner
    if not changed and _MARK not in holder:
        return holder
    return {key: value for key, value in {**holder, **changed}.items() if key != _MARK}


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return unmarked(value)
    if not isinstance(value, list):
        return value
    cleaned = [_unmarked(each) for each in value]
    same = all(after is before for after, before in zip(cleaned, value, strict=True))
    return value if same else cleaned
