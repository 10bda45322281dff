"""Which measures of a candidate count, and which are good enough."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from haystacks.health.measures import Measures
from haystacks.pool import Model


@dataclass(frozen=True, slots=True)
class Performance:
    """The thresholds of a role; seconds, shares from 0 to 1, ``None`` is no bound.

    ``min_quality`` is of the quality in the model's file: that is not measured.

    ``explore`` is the share of requests that go to the candidate of which least is known.
    """

    min_samples: int = 20
    min_success: float = 0.8
    max_first_token: float | None = None
    min_tokens_per_second: float | None = None
    explore: float = 0.0
    min_quality: float = 0.0

    def missing(self, measures: Measures | None) -> int:
        """Return how many samples are missing before the measures count; samples age."""
        return max(0, ceil(self.min_samples - (measures.samples if measures else 0.0)))

    def below(self, model: Model, measures: Measures) -> str:
        """Return which threshold is not met; empty where all are."""
        if model.quality < self.min_quality:
            return f"a quality of {model.quality:g}, under {self.min_quality:g}"
        if measures.success < self.min_success:
            return f"{measures.success:.0%} success, under {self.min_success:.0%}"
        most, least = self.max_first_token, self.min_tokens_per_second
        if most is not None and measures.first_token > most:
            return f"first token after {measures.first_token:.2f} s, over {most:g} s"
        if least is not None and measures.tokens_per_second < least:
            return f"{measures.tokens_per_second:.0f} tokens/s, under {least:g}"
        return ""
