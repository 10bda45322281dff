"""A model that can't think is told to write its thoughts first; they are read as thinking."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Json
from haystacks.transformer import Form, Knowledge, Transformer
from haystacks.transformers.last_word import with_last_word
from haystacks.transformers.think_tag import tag_reader

_TAG: Final = "reasoning_content"
_ORDER: Final = (
    f"Before you answer or call a tool, think it through step by step, and write your thoughts "
    f"down first, between <{_TAG}> and </{_TAG}>. Write the answer behind the closing tag."
)


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""
    message, events = tag_reader(_TAG)
    return Transformer("forcereasoning", request=_order, message=message, events=events)


def _order(canonical: Json, _knowledge: Knowledge) -> Json:
    return with_last_word(canonical, _ORDER)
