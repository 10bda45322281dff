"""What Groq answers with a 400 is taken out: probabilities, names, several choices, ``$schema``."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer
from haystacks.transformers.chat_messages import each_message, each_parameters, without
from haystacks.transformers.cleancache import unmarked

_REFUSED: Final = ("logit_bias", "logprobs", "n", "reasoning", "top_logprobs")


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""
    return Transformer("groq", body=_fit)


def _fit(body: Json, target: Target) -> Json:
    if target.dialect != "openai_chat":
        return body
    body = each_message(unmarked(body), lambda message: without(message, ["name"]))
    body = each_parameters(body, lambda schema: without(schema, ["$schema"]))
    return without(body, _REFUSED)
