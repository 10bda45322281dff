"""No more than ``max_tokens`` are asked for: a higher limit, or none, becomes this one."""

from __future__ import annotations

from pydantic import Field

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer
from haystacks.transformers.parameters import place_of, value_at, with_value


class Options(Form):
    """How long."""

    max_tokens: int = Field(gt=0, description="The most tokens of an answer.")


def make(options: Options) -> Transformer:
    """Return the transformer; see the module."""

    def lower(body: Json, target: Target) -> Json:
        place = place_of("max_tokens", target.dialect, body)
        if place is None:
            return body
        asked = value_at(body, place)
        if isinstance(asked, int) and asked <= options.max_tokens:
            return body
        return with_value(body, place, options.max_tokens)

    return Transformer("maxtoken", body=lower)
