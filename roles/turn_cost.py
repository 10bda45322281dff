"""What the turn to come would cost at a candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from haystacks.pool import Candidate
from haystacks.prices import cost
from roles.facts import Facts
from roles.lane import Key, Lane, averaged

# Characters of English or code for each token: near enough for the words of one message.
_PER_TOKEN: Final = 4


@dataclass(frozen=True, slots=True)
class TurnAhead:
    """The turn to come, as a conversation's earlier ones let it expect.

    ``tokens`` are those of its first request; ``output`` of each answer. What
    the tools will bring is left out: it costs what it costs at any candidate.
    """

    lane: Lane
    tokens: float
    requests: float
    output: float
    now: float

    def usd(self, candidate: Candidate) -> float | None:
        """Return US dollars, or ``None`` where the price is unknown.

        The first request reads what the candidate's cache holds and writes the
        rest to it; each further one reads it all.
        """
        price = candidate.model.price
        if price is None:
            return None
        held = min(self.held(candidate.key), self.tokens)
        return cost(
            price,
            {
                "cache_read_input_tokens": held + (self.requests - 1) * self.tokens,
                "cache_creation_input_tokens": self.tokens - held,
                "output_tokens": self.requests * self.output,
            },
        )

    def held(self, key: Key) -> int:
        """Return how many tokens of the conversation a candidate's cache holds."""
        return self.lane.held(key, self.now)


def turn_ahead(lane: Lane, facts: Facts, now: float) -> TurnAhead:
    """Return the turn that a request begins, without counting its tokens."""
    before = lane.held(lane.turn.candidate, now) + lane.output
    return TurnAhead(
        lane=lane,
        tokens=before + len(facts.text) / _PER_TOKEN,
        requests=max(1.0, averaged(lane.requests, lane.answers)),
        output=lane.output,
        now=now,
    )
