"""A streamed chat completion is asked to name its usage at the end."""

from __future__ import annotations

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""
    return Transformer("streamoptions", body=_ask)


def _ask(body: Json, target: Target) -> Json:
    asked = body.get("stream_options") or {}
    if target.dialect != "openai_chat" or body.get("stream") is not True:
        return body
    if asked.get("include_usage") is True:
        return body
    return {**body, "stream_options": {**asked, "include_usage": True}}
