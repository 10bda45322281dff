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


# Each sums up to 1. The first criterion of a strategy outweighs the others but where it
# tells next to nothing: a hundredth of quality is worth a second to quality_first.
# To balanced, half a second less to wait for is worth a fifth more money at the most.
WEIGHTS: Final[Mapping[Strategy, Weights]] = MappingProxyType(
    {
        "latency_first": _weights(0.0, 0.05, 0.55, 0.2, 0.2),
        "quality_first": _weights(0.0, 0.85, 0.03, 0.02, 0.1),
        "balanced": _weights(0.35, 0.35, 0.1, 0.05, 0.15),
    }
)


def weights_of(strategy: Strategy, role: Role) -> Weights:
    """Return the strategy's weights, single ones overridden where it is the role's own.

    ``cost_first`` and ``static`` weigh nothing, and have none.
    """
    default = WEIGHTS[strategy]
    return {**default, **role.weights} if role.weights and strategy == role.strategy else default
