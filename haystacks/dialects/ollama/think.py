"""Whether the model should think, in Ollama's word for it."""

from __future__ import annotations

import re
from typing import Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.openai_chat.effort import asked_effort
from haystacks.pool import Model

_HAS_LEVELS: Final = re.compile(r"(?:^|/)gpt-oss(?:[-.:]|$)")
"""The one family that takes a level; others refuse it, and it takes nothing else."""

_LEVELS: Final = {
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}


def encode_think(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return ``think`` for a model known to think, and note what is lost.

    Other models refuse the field. A request that says nothing of thinking
    leaves it to the model.
    """
    asked = asked_effort(canonical)
    kind = (canonical.get("thinking") or {}).get("type")
    if model.capabilities is None or "thinking" not in model.capabilities:
        if asked or kind in ("enabled", "adaptive"):
            adaptation.note("thinking dropped")
        return {}
    if _HAS_LEVELS.search(model.id):
        return _level(asked, kind, adaptation)
    if kind == "disabled":
        return {"think": False}
    if asked:
        adaptation.note("effort dropped")
    return {"think": True} if asked or kind in ("enabled", "adaptive") else {}


def _level(asked: str | None, kind: str | None, adaptation: Adaptation) -> Json:
    if kind == "disabled":
        adaptation.note("thinking lowered: this model can't do without")
        return {"think": "low"}
    if asked is None:
        return {}
    level = _LEVELS.get(asked)
    if level != asked:
        adaptation.note("effort lowered to high" if level else "effort dropped")
    return {"think": level} if level else {}
