"""What of a request changes where client and provider speak the same dialect: almost nothing."""

from __future__ import annotations

from typing import Any, Final

from haystacks.depth import written
from haystacks.dialect import Json
from haystacks.dialects.anthropic.citation_history import without_foreign_citations
from haystacks.dialects.anthropic.subagent_tag import obey_tag
from haystacks.dialects.anthropic.thinking_history import holds, is_foreign, without
from haystacks.dialects.openai_responses.reasoning import without_sealed
from haystacks.pool import DialectName, Model
from haystacks.splice import replace_model

_LIMITS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_LEAST_BUDGET: Final = 1024
_FOREIGN: Final = "another provider's thinking removed"


def native_body(
    body: bytes, parsed: Json, dialect: DialectName, model: Model
) -> tuple[bytes, tuple[str, ...]]:
    """Return the client's bytes under the model's name, and notes on what else had to change.

    That is only what the provider is known to refuse: another provider's
    thinking and citations, and more output than the model can give; and a tag that is for us.
    Then the body is written anew.
    """
    fitted, notes = obey_tag(parsed) if dialect == "anthropic" else parsed, []
    if fitted is not parsed:
        notes.append("subagent tag removed")
    if dialect == "anthropic" and b'"signature"' in body and holds(fitted, is_foreign):
        fitted = without(fitted, is_foreign)
        notes.append(_FOREIGN)
    if dialect == "anthropic" and b'"encrypted_index"' in body:
        own = without_foreign_citations(fitted)
        if own is not fitted:
            fitted = own
            notes.append("another provider's citations removed")
    if dialect == "openai_responses" and (own := without_sealed(fitted)) is not fitted:
        fitted = own
        notes.append(_FOREIGN)
    if model.max_output is not None:
        for name in _LIMITS:
            asked = fitted.get(name)
            if isinstance(asked, int) and asked > model.max_output:
                fitted = _limited({**fitted, name: model.max_output}, model.max_output)
                notes.append(f"{name} lowered to {model.max_output}")
    if fitted is not parsed:
        body = written(fitted)
    return replace_model(body, fitted.get("model"), model.id), tuple(notes)


def _limited(request: Json, limit: int) -> Json:
    """Return the request with a budget for thinking that is below the limit, or none."""
    thinking: Any = request.get("thinking")
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    if not isinstance(budget, int) or budget < limit:
        return request
    if limit // 2 < _LEAST_BUDGET:
        return {key: value for key, value in request.items() if key != "thinking"}
    return {**request, "thinking": {**thinking, "budget_tokens": limit // 2}}
