"""OpenRouter's own fields: its ``reasoning``, and options such as ``provider`` in each body."""

from __future__ import annotations

from typing import Final

from pydantic import ConfigDict

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer
from haystacks.transformers.chat_messages import without
from haystacks.transformers.cleancache import unmarked
from haystacks.transformers.customparams import merged

_EFFORTS: Final = {"low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}
_CACHES_BY_MARK: Final = ("claude", "gemini")


class Options(Form):
    """Any fields of OpenRouter's, such as ``provider: {only: [groq]}``."""

    model_config = ConfigDict(extra="allow")


def make(options: Options) -> Transformer:
    """Return the transformer; see the module."""
    fields: Json = options.model_extra or {}

    def fit(body: Json, target: Target) -> Json:
        if target.dialect != "openai_chat":
            return body
        body = merged(_with_reasoning(body, target.canonical), fields)
        marked = any(family in target.model.id for family in _CACHES_BY_MARK)
        return body if marked else unmarked(body)

    return Transformer("openrouter", body=fit)


def _with_reasoning(body: Json, canonical: Json) -> Json:
    """Ask for the thinking that the client wants: as a budget, or else as an effort."""
    thinking = canonical.get("thinking") or {}
    if "reasoning" in body or thinking.get("type") not in {"enabled", "adaptive"}:
        return body
    budget = thinking.get("budget_tokens")
    effort = (canonical.get("output_config") or {}).get("effort")
    reasoning: Json = {"enabled": True}
    if isinstance(budget, int):
        reasoning = {"max_tokens": budget}
    elif effort in _EFFORTS:
        reasoning = {"effort": _EFFORTS[effort]}
    return {**without(body, ["reasoning_effort"]), "reasoning": reasoning}
