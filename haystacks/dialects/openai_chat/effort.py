"""How hard the model should think: OpenAI's word for it, and Anthropic's."""

from __future__ import annotations

import re
from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.pool import Model

_OWN_REASONING: Final = re.compile(r"(?:^|/)(?:gpt-[5-9]|o[1-9])(?:[-.:]|$)")

_TO_OPENAI: Final = {
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}
"""Above ``high``, OpenAI's models disagree on what they accept."""

_TO_CANONICAL: Final = {
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "xhigh",
    "max": "max",
}
_LOW_BUDGET: Final = 4096
_MEDIUM_BUDGET: Final = 16384


def is_own_reasoning(model: Model) -> bool:
    """Tell whether it is one of OpenAI's reasoning families (gpt-5 and later, o1, o3, o4).

    They want ``max_completion_tokens``, and refuse ``temperature``, ``top_p`` and ``stop``.
    """
    return _OWN_REASONING.search(model.id) is not None


def encode_effort(canonical: Json, model: Model, adaptation: Adaptation) -> str | None:
    """Return ``reasoning_effort`` for a model known to think, and note what is lost."""
    asked = asked_effort(canonical)
    thinking = (canonical.get("thinking") or {}).get("type")
    if not thinks(model):
        if asked or thinking in ("enabled", "adaptive"):
            adaptation.note("thinking dropped")
        return None
    if asked is None or thinking == "disabled":
        return None
    effort = _TO_OPENAI.get(asked)
    if effort != asked:
        adaptation.note("effort lowered to high" if effort else "effort dropped")
    return effort


def decode_effort(effort: Any, adaptation: Adaptation) -> Json:
    """Return the canonical fields that ``reasoning_effort`` stands for."""
    if effort is None:
        return {}
    if effort == "none":
        return {"thinking": {"type": "disabled"}}
    canonical = _TO_CANONICAL.get(effort) if isinstance(effort, str) else None
    if canonical is None:
        adaptation.note("reasoning_effort dropped")
        return {}
    return {"thinking": {"type": "adaptive"}, "output_config": {"effort": canonical}}


def asked_effort(canonical: Json) -> str | None:
    """Return the effort that the client asks for, in Anthropic's words, or by its budget."""
    effort = (canonical.get("output_config") or {}).get("effort")
    if isinstance(effort, str):
        return effort
    budget = (canonical.get("thinking") or {}).get("budget_tokens")
    if not isinstance(budget, int):
        return None
    if budget <= _LOW_BUDGET:
        return "low"
    return "medium" if budget <= _MEDIUM_BUDGET else "high"


def thinks(model: Model) -> bool:
    """Tell whether the model is known to think."""
    if model.capabilities is None:
        return is_own_reasoning(model)
    return "thinking" in model.capabilities
