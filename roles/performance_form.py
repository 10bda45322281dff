"""What a role file says of measures, and how that turns into thresholds and weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from roles.pair import Strict
from roles.performance import Performance
from roles.role import Part

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class WeightsForm(Strict):
    """How much each part of a score counts; left out: as much as the strategy says."""

    cost: Weight | None = Field(default=None, description="what the request would cost")
    quality: Weight | None = Field(default=None, description="the `quality` of the model")
    latency: Weight | None = Field(default=None, description="seconds to the first token")
    throughput: Weight | None = Field(default=None, description="tokens a second")
    success: Weight | None = Field(default=None, description="the share of calls that succeeded")

    def weights(self) -> Mapping[Part, float]:
        """Return those that the file names."""
        own: dict[Part, float | None] = {
            "cost": self.cost,
            "quality": self.quality,
            "latency": self.latency,
            "throughput": self.throughput,
            "success": self.success,
        }
        return {part: weight for part, weight in own.items() if weight is not None}


class PerformanceForm(Strict):
    """When the measures of a candidate count, and whether they are good enough."""

    min_samples: int = Field(
        default=20, ge=1, description="calls before a candidate's measures count"
    )
    min_success: Share = Field(
        default=0.8, description="the least share of calls that succeed; below it: last"
    )
    max_first_token: float | None = Field(
        default=None, gt=0, description="the most seconds to the first token; above it: last"
    )
    min_tokens_per_second: float | None = Field(
        default=None, gt=0, description="the least tokens a second; below it: last"
    )
    min_quality: Share = Field(
        default=0.0, description="the least `quality` of a model; below it: last"
    )
    explore: Share = Field(
        default=0.0, description="the share of requests that try the candidate least known"
    )

    def performance(self) -> Performance:
        """Return the thresholds."""
        return Performance(
            self.min_samples,
            self.min_success,
            self.max_first_token,
            self.min_tokens_per_second,
            self.explore,
            self.min_quality,
        )
