"""Synonyms in the user's newest words become the concept's name; code, URLs and paths stay."""

from __future__ import annotations

from haystacks.dialect import Json
from haystacks.transformer import Form, Knowledge, Transformer


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""

    def replace(canonical: Json, knowledge: Knowledge) -> Json:
        return knowledge.replaced(canonical)

    return Transformer("replace", request=replace)
