"""OpenAI's older ``max_tokens`` is sent as ``max_completion_tokens``, for models that insist."""

from __future__ import annotations

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""
    return Transformer("maxcompletiontokens", body=_rename)


def _rename(body: Json, target: Target) -> Json:
    if target.dialect != "openai_chat" or "max_tokens" not in body:
        return body
    renamed = {key: value for key, value in body.items() if key != "max_tokens"}
    renamed.setdefault("max_completion_tokens", body["max_tokens"])
    return renamed
