"""What a model costs and holds, from genai-prices as installed: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import TieredPrices

from haystacks.pool import Price
from haystacks.presets import PRESETS
from haystacks.usage import Usage

_PER_MILLION = 1e-6


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a model; ``None`` where nobody has told us. The window is in tokens."""

    price: Price | None = None
    context_window: int | None = None


@lru_cache(maxsize=4096)
def lookup(service: str, model: str) -> Known:
    """Return today's price and the context window of a service's model.

    Of a price that rises with the length of the prompt, the lowest step; of one that
    changes with the hour, that of noon UTC.
    """
    preset = PRESETS[service]
    if preset.free:
        return Known(Price(0.0, 0.0))
    if not preset.prices:
        return Known()
    try:
        _, found = get_snapshot().find_provider_model(model, None, preset.prices, None)
    except LookupError:
        return Known()
    # Not that of now: what a server reckons with must not depend on the hour of its start.
    noon = datetime.combine(datetime.now(UTC), time(12), UTC)
    listed = vars(found.get_prices(noon))
    per_input, per_output = _usd(listed.get("input_mtok")), _usd(listed.get("output_mtok"))
    price = None
    if per_input is not None and per_output is not None:
        price = Price(
            per_input,
            per_output,
            cache_read=_usd(listed.get("cache_read_mtok")),
            cache_write=_usd(listed.get("cache_write_mtok")),
        )
    return Known(price, found.context_window)


def _usd(listed: Decimal | TieredPrices | None) -> float | None:
    if listed is None:
        return None
    return float(listed.base if isinstance(listed, TieredPrices) else listed)


def cost(price: Price, usage: Mapping[str, Any]) -> float:
    """Return the cost in US dollars of a canonical ``usage`` object.

    input x ``input_tokens`` + cache_read x ``cache_read_input_tokens`` +
    cache_write x ``cache_creation_input_tokens`` + output x ``output_tokens``,
    each per million. In the canonical form the first three never overlap
    (platform.claude.com, "Prompt caching"). Where the provider names no price
    for its cache, cached tokens cost what the others do.
    """
    read = price.input if price.cache_read is None else price.cache_read
    write = price.input if price.cache_write is None else price.cache_write
    return _PER_MILLION * (
        price.input * (usage.get("input_tokens") or 0)
        + read * (usage.get("cache_read_input_tokens") or 0)
        + write * (usage.get("cache_creation_input_tokens") or 0)
        + price.output * (usage.get("output_tokens") or 0)
    )


def charged(price: Price, usage: Usage) -> float:
    """Return the cost in US dollars of an answer; see ``cost``."""
    return cost(
        price,
        {
            "input_tokens": usage.input,
            "cache_read_input_tokens": usage.cache_read,
            "cache_creation_input_tokens": usage.cache_write,
            "output_tokens": usage.output,
        },
    )
