"""What the concepts in the user's newest words are about is told to the model beside them."""

from __future__ import annotations

from pydantic import Field

from haystacks.dialect import Json
from haystacks.transformer import Form, Knowledge, Transformer


class Options(Form):
    """How much."""

    most: int = Field(8, gt=0, description="The most concepts that are explained, the best first.")


def make(options: Options) -> Transformer:
    """Return the transformer; see the module."""

    def annotate(canonical: Json, knowledge: Knowledge) -> Json:
        return knowledge.annotated(canonical, options.most)

    return Transformer("annotate", request=annotate)
