"""What a request would cost at a candidate, in US dollars, before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from haystacks.pool import Candidate
from roles.facts import Facts
from roles.live import Live
from roles.strategy import TYPICAL_OUTPUT

# Bytes of a JSON body for each token: about right for English and code.
BYTES_PER_TOKEN: Final = 4

# Bytes over which tokens are counted instead. Counting 2 kB takes 70 us, more than all the
# rest of a decision. A longer body, the filter for long context counts as well, and there
# its size tells little: 100 kB may be one picture.
COUNTED_FROM: Final = 60_000


def estimates(candidates: Sequence[Candidate], facts: Facts, live: Live) -> list[float | None]:
    """Return what the request would cost at each; ``None`` where the price is unknown.

    What a candidate's prompt cache still holds costs its cache-read price.
    What goes into a cache is taken to cost what other input does.
    """
    tokens = input_tokens(facts)
    answer = output_tokens(facts, live)
    return [_usd(each, tokens, answer, facts, live) for each in candidates]


def reserve_estimate(facts: Facts, candidate: Candidate, live: Live) -> float:
    """Return how much money to set aside for the request; 0 where the price is unknown."""
    return estimates([candidate], facts, live)[0] or 0.0


def _usd(
    candidate: Candidate, tokens: int, answer: float, facts: Facts, live: Live
) -> float | None:
    model = candidate.model
    price = model.price
    if price is None:
        return None
    usd = price.input * tokens + price.output * min(answer, model.max_output or answer)
    if live.session and price.cache_read is not None:
        held = live.session.cached_tokens(facts.conversation, candidate.key, live.now)
        usd -= (price.input - price.cache_read) * min(held, tokens)
    return usd / 1_000_000


def input_tokens(facts: Facts) -> int:
    """Return about how many tokens the request holds; counted only where it is long."""
    if facts.token_bound > COUNTED_FROM:
        return facts.tokens()
    return facts.token_bound // BYTES_PER_TOKEN


def output_tokens(facts: Facts, live: Live) -> float:
    """Return how long the answer will be: as the session's were, within what the client allows."""
    expected = (live.session and live.session.typical_output) or TYPICAL_OUTPUT
    return expected if facts.max_tokens is None else min(expected, facts.max_tokens)
