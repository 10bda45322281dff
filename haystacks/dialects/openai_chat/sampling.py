"""How freely the model chooses its words."""

from __future__ import annotations

from haystacks.dialect import Adaptation, Json
from haystacks.errors import BadRequest


def decode_sampling(body: Json, adaptation: Adaptation) -> Json:
    """Return canonical ``temperature`` and ``top_p``, which end at 1 where OpenAI's end at 2."""
    found: Json = {}
    for name in ("temperature", "top_p"):
        value = body.get(name)
        if value is None:
            continue
        if type(value) not in (int, float):
            raise BadRequest(f"{name} must be a number")
        found[name] = min(value, 1)
        if value > 1:
            adaptation.note(f"{name} lowered to 1")
    return found
