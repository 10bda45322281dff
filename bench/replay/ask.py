"""One request of the day, and how its client writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.table import DIALECTS
from haystacks.pool import DialectName, Model

PATHS: Final[Mapping[DialectName, str]] = {
    "anthropic": "/v1/messages",
    "openai_chat": "/v1/chat/completions",
}


_AUTO: Final = Model("auto")


@dataclass(frozen=True, slots=True)
class Ask:
    """What is sent, when, and what the model will say to it, whichever model it is.

    ``at`` is in Unix seconds. ``lane`` names the conversation and ``turn`` the
    turn of it: what the routing has to find out for itself. ``body`` is
    canonical. ``answer`` are the blocks of the answer.
    """

    at: float
    role: str
    lane: str
    turn: str
    dialect: DialectName
    headers: Mapping[str, str] = field(repr=False)
    body: Json = field(repr=False)
    answer: tuple[Json, ...] = field(repr=False)

    @property
    def path(self) -> str:
        """The endpoint of the client's dialect."""
        return PATHS[self.dialect]

    def written(self, model: str = "") -> bytes:
        """Return the bytes of the client; ``model`` asks for another one than it would."""
        body = self.body
        if self.dialect == "openai_chat":
            # A client knows nothing of the model that it asks for, so neither may its encoder.
            body = DIALECTS["openai_chat"].encode_request(body, _AUTO, Adaptation())
        return orjson.dumps({**body, "model": model or self.body["model"]})
