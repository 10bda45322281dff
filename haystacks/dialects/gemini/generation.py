"""Which generation of Gemini a model belongs to: what it takes depends on it."""

from __future__ import annotations

import re
from typing import Final

from haystacks.pool import Model

_GEMINI: Final = re.compile(r"gemini-(\d+)?")
_OF_ALIASES: Final = 3
"""``gemini-flash-latest`` and its like have moved on with the rest."""


def generation(model: Model) -> int:
    """Return the number in the model's name; 0 for what is no Gemini (Gemma, LearnLM)."""
    found = _GEMINI.search(model.id.lower())
    if found is None:
        return 0
    return int(found[1] or _OF_ALIASES)
