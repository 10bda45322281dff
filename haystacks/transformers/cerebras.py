"""What Cerebras answers with a 400 is taken out, and content lists become plain texts."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer
from haystacks.transformers.chat_messages import each_message, plain_text, without
from haystacks.transformers.cleancache import unmarked

_REFUSED: Final = (
    "frequency_penalty",
    "logit_bias",
    "presence_penalty",
    "prompt_cache_key",
    "reasoning",
    "service_tier",
)


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""
    return Transformer("cerebras", body=_fit)


def _fit(body: Json, target: Target) -> Json:
    if target.dialect != "openai_chat":
        return body
    return without(each_message(unmarked(body), plain_text), _REFUSED)
