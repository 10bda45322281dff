"""How good a measured candidate is: parts from 0 to 1, weighted."""

from __future__ import annotations

from collections.abc import Sequence

from haystacks.health.measures import Measures
from haystacks.pool import Model
from roles.weights import Weights


def scores(
    models: Sequence[Model],
    measures: Sequence[Measures],
    usd: Sequence[float | None],
    weights: Weights,
) -> list[float]:
    """Return a score from 0 to 1 for each of one or more: the mean of its parts, weighted.

    - cost: ``1 - usd / dearest``; an unknown price counts as half of the dearest.
    - quality, throughput, success: the share of the best one's.
    - latency: ``1 / (1 + seconds behind the quickest)``, so that a few
      milliseconds are next to nothing, however quick both are.

    Where all are worth nothing by a part, it tells nothing of any.
    """
    total = sum(weights.values()) or 1.0
    dearest = max([each for each in usd if each], default=0.0)
    quickest = min([each.first_token for each in measures])
    cost = weights["cost"] / total
    latency = weights["latency"] / total
    per_usd = cost / (dearest or 1.0)
    quality = _each(weights["quality"] / total, [model.quality for model in models])
    per_token = _each(weights["throughput"] / total, [each.tokens_per_second for each in measures])
    success = _each(weights["success"] / total, [each.success for each in measures])
    return [
        cost
        - (cost / 2 if price is None else per_usd * price)
        + quality * model.quality
        + latency / (1 + shown.first_token - quickest)
        + per_token * shown.tokens_per_second
        + success * shown.success
        for model, shown, price in zip(models, measures, usd, strict=True)
    ]


def _each(weight: float, values: Sequence[float]) -> float:
    """Return what one unit of a part is worth, of which the most is worth the whole weight."""
    return weight / (max(values) or 1.0)
