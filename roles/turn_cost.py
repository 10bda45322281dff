"""What a turn would cost at a candidate: its tool loop sends the prompt again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from haystacks.pool import Candidate
from kg.value import value
from roles.estimate import input_tokens, output_tokens
from roles.facts import Facts
from roles.lane import NONE, Key, Lane, averaged
from roles.live import Live
from roles.strategy import TYPICAL_REQUESTS
from roles.turn_price import turn_usd

# Characters of English or code for each token: near enough for the words of one message.
_PER_TOKEN: Final = 4


@value
class TurnAhead:
    """The turn to come, as a conversation's earlier ones let it expect.

    ``held`` are the tokens of the conversation that candidates' caches hold, ``tokens``
    those of its first request, ``output`` those of each answer.
    """

    held: Mapping[Key, int]
    tokens: float
    requests: float
    output: float

    def usd(self, candidate: Candidate) -> float | None:
        """Return US dollars, or ``None`` where the price is unknown."""
        model = candidate.model
        price, most = model.price, model.max_output
        if price is None:
            return None
        held = min(self.held.get(candidate.key, 0), self.tokens) if self.held else 0
        output = min(self.output, most) if most else self.output
        return turn_usd(price, self.tokens, held, self.requests, output)


def turn_ahead(lane: Lane, facts: Facts, now: float) -> TurnAhead:
    """Return the turn that a request begins, without counting its tokens."""
    before = lane.held(lane.turn.candidate, now) + lane.output
    return TurnAhead(
        held=lane.held_by(now),
        tokens=before + len(facts.text) / _PER_TOKEN,
        requests=_requests(lane),
        output=lane.output,
    )


def turn_costs(candidates: Sequence[Candidate], facts: Facts, live: Live) -> list[float | None]:
    """Return what the turn that a request begins, or is in, would cost at each; ``None``: unknown.

    Where nothing is known of the conversation, a client with tools is taken for
    an agent, and any other to ask once.
    """
    lane = live.session.lanes.get(facts.conversation) if live.session else None
    ahead = TurnAhead(
        held=lane.held_by(live.now) if lane else NONE,
        tokens=input_tokens(facts),
        requests=_requests(lane) if lane else TYPICAL_REQUESTS if facts.tools else 1.0,
        output=output_tokens(facts, live),
    )
    return [ahead.usd(candidate) for candidate in candidates]


def _requests(lane: Lane) -> float:
    return max(1.0, averaged(lane.requests, lane.answers))
