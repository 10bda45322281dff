"""What a turn costs by a price list, its prompt read from the provider's cache again and again."""

from __future__ import annotations

from haystacks.pool import Price


def turn_usd(price: Price, tokens: float, held: float, requests: float, output: float) -> float:
    """Return US dollars for a turn of so many requests, each answered by ``output`` tokens.

    The first request reads the ``held`` ones of its tokens from the cache and
    writes the rest to it; each further one reads them all. What the tools add
    is left out: it costs what it costs at any model.
    """
    read = price.input if price.cache_read is None else price.cache_read
    # A price under that of input is for the keeping alone, which some charge for beside it.
    written = max(price.input, price.cache_write or 0.0)
    return (
        read * (held + (requests - 1.0) * tokens)
        + written * (tokens - held)
        + price.output * requests * output
    ) / 1_000_000
