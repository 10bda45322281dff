"""Sampling is set here, whatever the client asked for; ``null`` leaves a parameter to the model."""

from __future__ import annotations

from pydantic import Field

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer
from haystacks.transformers.parameters import place_of, with_value


class Options(Form):
    """What is not given stays as the client has it."""

    temperature: float | None = Field(None, ge=0, description="How bold the choice of words is.")
    top_p: float | None = Field(None, ge=0, le=1, description="The share of likely words kept.")
    top_k: int | None = Field(None, gt=0, description="How many likely words are kept.")
    repetition_penalty: float | None = Field(None, gt=0, description="Above 1, repeats less.")


def make(options: Options) -> Transformer:
    """Return the transformer; see the module."""
    given = {name: getattr(options, name) for name in sorted(options.model_fields_set)}

    def fix(body: Json, target: Target) -> Json:
        for name, value in given.items():
            place = place_of(name, target.dialect, body)
            if place is not None:
                body = with_value(body, place, value)
        return body

    return Transformer("sampling", body=fix)
