"""How quickly the simulated providers answer: no second goes by, but the router hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from haystacks.errors import RolegraphError
from haystacks.health.health import Health
from haystacks.pool import Candidate
from haystacks.usage import Usage


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds to the first token, and tokens in a second from then on."""

    first_token: float
    per_second: float


# Orders of magnitude, as anyone sees them who uses these services; nothing of it is measured.
_PACES: Final[Mapping[str, Pace]] = MappingProxyType(
    {
        "cerebras": Pace(0.3, 1500),
        "groq": Pace(0.3, 450),
        "gemini": Pace(0.7, 180),
        "mistral": Pace(0.7, 90),
        "openai": Pace(0.9, 90),
        "anthropic": Pace(1.2, 70),
        "deepseek": Pace(1.8, 40),
    }
)
_OTHER: Final = Pace(1.5, 60)


class PacedHealth(Health):
    """Hears the pace of a candidate's service in place of the time that went by."""

    def finished(
        self,
        candidate: Candidate,
        usage: Usage | None,
        seconds: float,
        first_token_seconds: float | None = None,
        error: RolegraphError | None = None,
    ) -> None:
        """Note how an answer ended; of the times only that there are any counts."""
        pace = _PACES.get(candidate.haystack.service, _OTHER)
        seconds = pace.first_token + (usage.output if usage else 0) / pace.per_second
        first = None if first_token_seconds is None else pace.first_token
        super().finished(candidate, usage, seconds, first, error)
