"""Every provider of the day, played in this process: prices, prompt caches, a ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import orjson

from bench.replay.cache import Caches, prefixes
from bench.replay.talk import length
from haystacks.dialect import Json
from haystacks.dialects.table import DIALECTS
from haystacks.http.call import Call, Reply
from haystacks.pool import Haystack
from haystacks.prices import cost
from haystacks.simulated.provider import say

_CHARACTERS_PER_TOKEN: Final = 4


@dataclass(frozen=True, slots=True)
class Charge:
    """What one call cost; ``usage`` is canonical, ``usd`` by the list price."""

    haystack: str
    model: str
    usage: Json
    usd: float


@dataclass(slots=True)
class Provider:
    """Says what it is told to say next, and writes down what that costs.

    ``send`` stands in for the network. Tokens are counted as four characters
    each: as real counts do, they differ from what the router estimates.
    """

    clock: Callable[[], float]
    caches: Caches = field(default_factory=Caches)
    ledger: list[Charge] = field(default_factory=list)
    answer: tuple[Json, ...] = ()

    async def send(self, haystack: Haystack, call: Call) -> Reply:
        """Answer a call in the dialect of its haystack."""
        body = orjson.loads(call.body)
        model = haystack.model(body["model"])
        read = self.caches.read(haystack, model, prefixes(body, haystack.dialect), self.clock())
        spoken = sum(length(block) for block in self.answer)
        usage = {**read, "output_tokens": -(-spoken // _CHARACTERS_PER_TOKEN)}
        if model.price is None:
            raise ValueError(f"{haystack.name},{model.id} has no price: its spend is unknown")
        self.ledger.append(Charge(haystack.name, model.id, usage, cost(model.price, usage)))
        calls = any(block["type"] == "tool_use" for block in self.answer)
        message = {
            "id": f"msg_{len(self.ledger):024}",
            "type": "message",
            "role": "assistant",
            "model": model.id,
            "content": list(self.answer),
            "stop_reason": "tool_use" if calls else "end_turn",
            "stop_sequence": None,
            "usage": usage,
        }
        return say(message, body, DIALECTS[haystack.dialect], sleep=_at_once)


async def _at_once(_seconds: float) -> None:
    """Wait for nothing: no other work is there to be let through."""
