"""The options become fields of the body; objects are merged, and what the client sent stays."""

from __future__ import annotations

from pydantic import ConfigDict

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer


class Options(Form):
    """Any fields of any shape."""

    model_config = ConfigDict(extra="allow")


def make(options: Options) -> Transformer:
    """Return the transformer; see the module."""
    fields: Json = options.model_extra or {}

    def add(body: Json, _target: Target) -> Json:
        return merged(body, fields)

    return Transformer("customparams", body=add)


def merged(own: Json, more: Json) -> Json:
    """Return the object with what it lacks; the same one where it lacks nothing."""
    added: Json = {}
    for key, value in more.items():
        if key not in own:
            added[key] = value
        elif isinstance(own[key], dict) and isinstance(value, dict):
            inner = merged(own[key], value)
            if inner is not own[key]:
                added[key] = inner
    return {**own, **added} if added else own
