"""What a request would cost at a candidate, in US dollars, before it is sent."""

from __future__ import annotations

from typing import Final

from haystacks.pool import Candidate
from haystacks.prices import cost
from roles.facts import Facts
from roles.live import Live
from roles.strategy import TYPICAL_OUTPUT

# Bytes of a JSON body for each token: about right for English and code.
BYTES_PER_TOKEN: Final = 4

# Bytes over which tokens are counted instead. Counting 2 kB takes 70 us, more than all the
# rest of a decision. A longer body, the filter for long context counts as well, and there
# its size tells little: 100 kB may be one picture.
COUNTED_FROM: Final = 60_000


def estimate(facts: Facts, candidate: Candidate, live: Live) -> float | None:
    """Return what the request would cost there; ``None`` where the price is unknown.

    What the candidate's prompt cache still holds costs its cache-read price. A
    cache is taken to be written at the input price: who writes one is not known here.
    """
    price = candidate.model.price
    if price is None:
        return None
    tokens = input_tokens(facts)
    cached = 0
    if live.session:
        held = live.session.cached_tokens(facts.conversation, candidate.key, live.now)
        cached = min(held, tokens)
    return cost(
        price,
        {
            "input_tokens": tokens - cached,
            "cache_read_input_tokens": cached,
            "output_tokens": output_tokens(facts, candidate, live),
        },
    )


def reserve_estimate(facts: Facts, candidate: Candidate, live: Live) -> float:
    """Return how much money to set aside for the request; 0 where the price is unknown."""
    return estimate(facts, candidate, live) or 0.0


def input_tokens(facts: Facts) -> int:
    """Return about how many tokens the request holds; counted only where it is long."""
    if facts.token_bound > COUNTED_FROM:
        return facts.tokens()
    return facts.token_bound // BYTES_PER_TOKEN


def output_tokens(facts: Facts, candidate: Candidate, live: Live) -> float:
    """Return how long the answer will be, as the session's were; never over what is allowed."""
    expected = (live.session and live.session.typical_output) or TYPICAL_OUTPUT
    bounds = (facts.max_tokens, candidate.model.max_output)
    return min((expected, *(bound for bound in bounds if bound is not None)))
