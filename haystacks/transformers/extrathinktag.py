"""A ``think`` tag at the beginning of a text is read as thinking, not shown as text."""

from __future__ import annotations

from haystacks.transformer import Form, Transformer
from haystacks.transformers.think_tag import tag_reader


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""
    message, events = tag_reader("think")
    return Transformer("extrathinktag", message=message, events=events)
