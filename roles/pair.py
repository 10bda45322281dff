"""How a role file names a haystack and a model, and a chain of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from kg.document import Keys
from roles.role import Chain, Target

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Pair = tuple[Text, Text]


class Strict(BaseModel):
    """A part of a role file; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid")


def chain_of(value: Pair | list[Pair], at: Keys) -> Chain:
    """Return the chain that a pair, or a list of pairs, stands for; ``at`` leads to it."""
    if isinstance(value, tuple):
        return (Target(*value, at),)
    return tuple(Target(*pair, (*at, index)) for index, pair in enumerate(value))
