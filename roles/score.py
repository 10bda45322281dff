"""How good a measured candidate is: parts from 0 to 1, weighted."""

# ruff: noqa: PLR1730 - each call of max or min would cost more than the comparison

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
    dearest = best = most = surest = 0.0
    quickest = measures[0].first_token
    # One look at each: a list and a maximum for each part take twice as long.
    for model, shown, price in zip(models, measures, usd, strict=True):
        if price is not None and price > dearest:
            dearest = price
        if model.quality > best:
            best = model.quality
        if shown.tokens_per_second > most:
            most = shown.tokens_per_second
        if shown.success > surest:
            surest = shown.success
        if shown.first_token < quickest:
            quickest = shown.first_token
    total = sum(weights.values()) or 1.0
    cost = weights["cost"] / total
    latency = weights["latency"] / total
    # What one unit of a part is worth, of which the most is worth the part's whole weight.
    per_usd = cost / (dearest or 1.0)
    quality = weights["quality"] / total / (best or 1.0)
    per_token = weights["throughput"] / total / (most or 1.0)
    success = weights["success"] / total / (surest or 1.0)
    return [
        cost
        - (cost / 2 if price is None else per_usd * price)
        + quality * model.quality
        + latency / (1 + shown.first_token - quickest)
        + per_token * shown.tokens_per_second
        + success * shown.success
        for model, shown, price in zip(models, measures, usd, strict=True)
    ]
