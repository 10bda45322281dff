"""What a turn costs by a price list, its prompt read from the provider's cache again and again."""

from __future__ import annotations

from haystacks.pool import Price
from haystacks.prices import cost


def turn_usd(price: Price, tokens: float, held: float, requests: float, output: float) -> float:
    """Return US dollars for a turn of so many requests, each answered by ``output`` tokens.

    The first request reads the ``held`` ones of its tokens from the cache and
    writes the rest to it; each further one reads them all. What the tools add
    is left out: it costs what it costs at any model.
    """
    # A price under that of input is for the keeping alone, which some charge for beside it.
    kept = (
        "cache_creation_input_tokens" if (price.cache_write or 0) > price.input else "input_tokens"
    )
    return cost(
        price,
        {
            "cache_read_input_tokens": held + (requests - 1) * tokens,
            kept: tokens - held,
            "output_tokens": requests * output,
        },
    )
