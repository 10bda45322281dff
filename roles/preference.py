"""What a session teaches: its subject, and which models answer well. The old counts less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kg.value import value
from roles.lane import Ending, Key

# Seconds after which an experience counts half: people change their subject within the hour.
HALF_LIFE: Final = 1800.0

# A judgement of a person outweighs all that merely went well, or did not.
ROUTINE_MOST: Final = 4.0
JUDGEMENT: Final = 8.0

# Less than two experiences are none.
EVIDENCE: Final = 2.0
WELL: Final = 0.6
BADLY: Final = 0.4
# The share of a session that its main concept has at least.
DOMINANT: Final = 0.5

# Neither good nor bad: the turn goes on, or it was the client that wanted no more.
_UNTOLD: Final = frozenset({"tool_use", "pause_turn", "max_tokens"})


def aged(weight: float, since: float, now: float) -> float:
    """Return what is left of a weight; clocks of two machines may differ, and none runs back."""
    return weight if now <= since else weight * 0.5 ** ((now - since) / HALF_LIFE)


@value
class Met:
    """A concept that the session has met: how much, as of ``at``, and who answered it last."""

    weight: float
    at: float
    candidate: Key


@value
class Standing:
    """How a model has answered in the session: weights of good and bad, as of ``at``."""

    good: float = 0.0
    bad: float = 0.0
    at: float = 0.0

    @property
    def score(self) -> float:
        """From 0, always badly, to 1, always well."""
        weight = self.good + self.bad
        return self.good / weight if weight else 0.5

    def proven(self, now: float) -> bool:
        """Whether there is enough to go by."""
        return aged(self.good + self.bad, self.at, now) >= EVIDENCE

    def well(self, now: float) -> bool:
        """Whether the model is known to answer well."""
        return self.score >= WELL and self.proven(now)

    def badly(self, now: float) -> bool:
        """Whether the model is known to answer badly."""
        return self.score < BADLY and self.proven(now)

    def condemned(self, now: float) -> bool:
        """Whether a person has judged so: failures alone never weigh as much."""
        return self.badly(now) and aged(self.bad, self.at, now) > ROUTINE_MOST

    def ended(self, ending: Ending, now: float) -> Standing:
        """Return the standing after an answer, or what was to become one."""
        if ending.how == "left" or ending.stop_reason in _UNTOLD:
            return self
        good, bad = aged(self.good, self.at, now), aged(self.bad, self.at, now)
        if ending.how == "failed" or ending.stop_reason == "refusal":
            return Standing(good, _routine(bad), now)
        return Standing(_routine(good), bad, now)

    def judged(self, score: float, now: float) -> Standing:
        """Return the standing after a person's judgement, from -1 to 1."""
        good, bad = aged(self.good, self.at, now), aged(self.bad, self.at, now)
        return Standing(good + JUDGEMENT * max(0.0, score), bad + JUDGEMENT * max(0.0, -score), now)


def _routine(weight: float) -> float:
    return weight if weight >= ROUTINE_MOST else min(weight + 1.0, ROUTINE_MOST)


def met_again(
    met: Mapping[str, Met], concept: str, candidate: Key, now: float
) -> Mapping[str, Met]:
    """Return the concepts of a session that has met one more."""
    before = met.get(concept)
    weight = aged(before.weight, before.at, now) if before else 0.0
    return {**met, concept: Met(weight + 1.0, now, candidate)}


def dominant(met: Mapping[str, Met], now: float) -> str:
    """Return the concept that a session is mostly about, or nothing."""
    if not met:
        return ""
    weights = {name: aged(each.weight, each.at, now) for name, each in met.items()}
    most = max(weights, key=weights.__getitem__)
    enough = weights[most] >= EVIDENCE and weights[most] >= DOMINANT * sum(weights.values())
    return most if enough else ""
