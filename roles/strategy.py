"""Which model comes first where any model of a haystack would do, by what the files say."""

from __future__ import annotations

from collections.abc import Sequence

from haystacks.pool import Candidate, Model
from roles.role import Strategy
from roles.turn_price import turn_usd

# An agent's typical request, in tokens. Only the ratio matters for the order, and it is
# fixed, so that the order is found once for each snapshot instead of for each request.
TYPICAL_INPUT = 20_000
TYPICAL_OUTPUT = 800
# And how many of them make a turn, the second and later ones with a warm prompt cache.
TYPICAL_REQUESTS = 4


def order(candidates: Sequence[Candidate], strategy: Strategy) -> tuple[Candidate, ...]:
    """Return the candidates, first choice first; equals stay in the order they came in.

    - ``cost_first``: the cheapest for a typical turn; unknown prices last.
    - ``quality_first``: the best ``quality``.
    - ``balanced``: the best ``quality - cost / dearest``, where ``dearest`` is
      the cost of the dearest model here. An unknown price counts as half of it.
    - ``latency_first``, ``static``: the order they came in. No file tells how quick
      a model is; ``roles/ranking.py`` goes by what was measured.
    """
    prices = [cost_of(candidate.model) for candidate in candidates]
    dearest = max((usd for usd in prices if usd), default=1.0)

    def badness(index: int) -> float:
        usd, quality = prices[index], candidates[index].model.quality
        match strategy:
            case "cost_first":
                return float("inf") if usd is None else usd
            case "quality_first":
                return -quality
            case "balanced":
                return (0.5 if usd is None else usd / dearest) - quality
            case "latency_first" | "static":
                return 0.0

    return tuple(candidates[index] for index in sorted(range(len(candidates)), key=badness))


def cost_of(model: Model) -> float | None:
    """Return US dollars for an agent's typical turn; ``None`` where the price is unknown."""
    if model.price is None:
        return None
    return turn_usd(model.price, TYPICAL_INPUT, 0, TYPICAL_REQUESTS, TYPICAL_OUTPUT)
