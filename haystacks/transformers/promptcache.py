"""Claude is asked to keep a prompt that will come again, where the client marked nothing."""

from __future__ import annotations

from haystacks.dialect import Json
from haystacks.prompt_cache import KEEP, comes_again
from haystacks.transformer import Form, Target, Transformer
from haystacks.transformers.cleancache import unmarked


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""

    def ask(body: Json, target: Target) -> Json:
        # Who marks something knows what is to be kept.
        if not comes_again(target.canonical) or unmarked(body) is not body:
            return body
        return {**body, **KEEP}

    return Transformer("promptcache", body=ask)
