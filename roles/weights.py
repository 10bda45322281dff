"""How much each part of a score counts, by strategy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from roles.role import Part, Role, Strategy

Weights = Mapping[Part, float]


def _weights(
    cost: float, quality: float, latency: float, throughput: float, success: float
) -> Weights:
    return MappingProxyType(
        {
            "cost": cost,
            "quality": quality,
            "latency": latency,
            "throughput": throughput,
            "success": success,
        }
    )


# Each sums up to 1. Quality and cost are as good as one another to balanced, as they are
# in roles/strategy.py; a second behind the quickest counts as much as a tenth of the best
# quality, or of the dearest price. To quality_first, a second is a fiftieth of the quality.
WEIGHTS: Final[Mapping[Strategy, Weights]] = MappingProxyType(
    {
        "latency_first": _weights(0.0, 0.05, 0.55, 0.2, 0.2),
        "quality_first": _weights(0.0, 0.85, 0.03, 0.02, 0.1),
        "balanced": _weights(0.4, 0.4, 0.08, 0.04, 0.08),
    }
)


def weights_of(strategy: Strategy, role: Role) -> Weights:
    """Return the strategy's weights, single ones overridden where it is the role's own.

    ``cost_first`` and ``static`` weigh nothing, and have none.
    """
    default = WEIGHTS[strategy]
    return {**default, **role.weights} if role.weights and strategy == role.strategy else default
