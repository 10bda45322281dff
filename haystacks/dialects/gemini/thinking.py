"""How hard Gemini should think: a level since its third generation, a budget before."""

from __future__ import annotations

from typing import Final, NamedTuple

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.gemini.generation import generation
from haystacks.dialects.openai_chat.effort import asked_effort
from haystacks.pool import Model

_LEVELS: Final = {
    "low": "LOW",
    "medium": "MEDIUM",
    "high": "HIGH",
    "xhigh": "HIGH",
    "max": "HIGH",
}
_BUDGETS: Final = {"low": 1024, "medium": 8192, "high": 24576, "xhigh": 24576, "max": 24576}
"""What Google's OpenAI-compatible endpoint makes of each effort."""

_DYNAMIC: Final = -1
"""The model decides."""


class _Range(NamedTuple):
    """The tokens of thought that a model takes; ``can_stop``: also none."""

    least: int
    most: int
    can_stop: bool


_PRO: Final = _Range(128, 32768, can_stop=False)
_FLASH: Final = _Range(1, 24576, can_stop=True)
_FLASH_LITE: Final = _Range(512, 24576, can_stop=True)


def encode_thinking(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return ``thinkingConfig``, or nothing where the client leaves it to the model.

    A model that can't think would refuse the field.
    """
    thinking = canonical.get("thinking") or {}
    kind = thinking.get("type")
    effort = asked_effort(canonical)
    if not _thinks(model):
        if effort or kind in ("enabled", "adaptive"):
            adaptation.note("thinking dropped")
        return {}
    if kind is None and effort is None:
        return {}
    by_level = generation(model) != 2
    if kind == "disabled":
        config = _least_level(model, adaptation) if by_level else _no_budget(model, adaptation)
        return {"thinkingConfig": config}
    config = _level(effort, adaptation) if by_level else _budget(canonical, model, adaptation)
    shown = thinking.get("display") != "omitted"
    return {"thinkingConfig": {"includeThoughts": shown, **config}}


def _thinks(model: Model) -> bool:
    if model.capabilities is None:
        return generation(model) > 2 or "gemini-2.5" in model.id
    return "thinking" in model.capabilities


def _level(effort: str | None, adaptation: Adaptation) -> Json:
    if effort is None:
        return {}
    level = _LEVELS.get(effort)
    if level is None:
        adaptation.note("effort dropped")
        return {}
    if level != effort.upper():
        adaptation.note("effort lowered to high")
    return {"thinkingLevel": level}


def _least_level(model: Model, adaptation: Adaptation) -> Json:
    """Return the lowest level: there is no way to turn thinking off."""
    adaptation.note("thinking lowered: this model can't do without")
    return {"thinkingLevel": "MINIMAL" if "flash-lite" in model.id else "LOW"}


def _no_budget(model: Model, adaptation: Adaptation) -> Json:
    allowed = _range(model)
    if allowed.can_stop:
        return {"thinkingBudget": 0}
    adaptation.note("thinking lowered: this model can't do without")
    return {"thinkingBudget": allowed.least}


def _budget(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return the budget within what the model takes and, where it can be, below ``max_tokens``."""
    effort = (canonical.get("output_config") or {}).get("effort")
    asked = _BUDGETS.get(str(effort)) or (canonical.get("thinking") or {}).get("budget_tokens")
    if not isinstance(asked, int):
        return {"thinkingBudget": _DYNAMIC}
    allowed = _range(model)
    most = min(allowed.most, canonical.get("max_tokens", allowed.most + 1) - 1)
    budget = max(allowed.least, min(asked, most))
    if budget != asked:
        adaptation.note("thinking budget corrected")
    return {"thinkingBudget": budget}


def _range(model: Model) -> _Range:
    if "flash-lite" in model.id:
        return _FLASH_LITE
    return _FLASH if "flash" in model.id else _PRO
