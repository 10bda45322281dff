"""What is remembered of a session: where its conversations went, and how that was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

# How long providers keep a prompt's prefix after its last use (Anthropic's and OpenAI's default).
WARM_SECONDS: Final = 300.0

Key = tuple[str, str]
_NONE: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Warmth:
    """A prompt cache at one candidate: how many tokens it held, and when it was last used."""

    tokens: int
    used: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One conversation of a session: the main one, a subagent's, a title's.

    ``turn`` is the turn that it is in, and ``candidate`` the haystack and model that answer it.
    """

    turn: str = ""
    candidate: Key = ("", "")
    used: float = 0.0
    warm: Mapping[Key, Warmth] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class Session:
    """Times are Unix seconds. ``lanes`` are by the fingerprint of their conversation."""

    id: str
    lanes: Mapping[str, Lane] = field(default_factory=lambda: _NONE)
    typical_output: float = 0.0

    def cached_tokens(self, conversation: str, candidate: Key, now: float) -> int:
        """Return how many tokens of a conversation a candidate's cache still holds."""
        lane = self.lanes.get(conversation)
        warmth = lane.warm.get(candidate) if lane else None
        return warmth.tokens if warmth and now - warmth.used < WARM_SECONDS else 0
