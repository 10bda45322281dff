"""One conversation of a session: the turn that it is in, and what its models still hold of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from haystacks.pool import Candidate
from haystacks.usage import Usage
from kg.value import value
from roles.decision import Decision
from roles.facts import Facts
from roles.identity import is_fingerprint

Key = tuple[str, str]
How = Literal["ok", "failed", "left"]
NOBODY: Final[Key] = ("", "")
NONE: Final[Mapping[Any, Any]] = MappingProxyType({})

# How long providers keep a prompt's prefix after its last use (Anthropic's and OpenAI's default).
WARM_SECONDS: Final = 300.0
# A turn's candidates that stand behind the first: as many failures as a turn may bear.
MOST_BEHIND: Final = 5
# The weight of the newest in a moving average: about the last five count.
_NEWEST: Final = 0.3


@value
class Warmth:
    """A prompt cache at one candidate: how many tokens it held, and when it was last used."""

    tokens: int
    used: float


@value
class Ending:
    """How a request ended: with a whole answer, without one, or with a client that left.

    ``began`` is when, in Unix seconds: providers read their cache then.
    ``stop_reason`` is the canonical one, where it is known. ``failed`` are the
    candidates that were tried before. ``decision_id`` is what a judgement of
    the answer will name.
    """

    how: How
    stop_reason: str = ""
    failed: tuple[Key, ...] = ()
    decision_id: str = ""
    began: float = 0.0


@value
class Turn:
    """A turn, as its decision has left it.

    ``candidate`` answers it, and ``chain`` are the others that it began with.
    ``kinds`` are what its requests ask of a model beside words.
    """

    id: str = ""
    candidate: Key = NOBODY
    chain: tuple[Key, ...] = ()
    concept: str = ""
    scenario: str = ""
    transforms: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def moved(self, candidate: Key) -> Turn:
        """Return the turn with another of its candidates in the first place."""
        others = [each for each in (*self.chain, self.candidate) if each != candidate]
        return replace(self, candidate=candidate, chain=tuple(others))


NO_TURN: Final = Turn()


@value
class Lane:
    """What is known of a conversation. Times are Unix seconds.

    ``answers`` counts those of this turn, ``requests`` those of a usual one,
    and ``output`` the tokens of a usual answer. ``thought_by`` are the haystacks
    whose thoughts its history may hold.
    """

    turn: Turn = NO_TURN
    used: float = 0.0
    answers: int = 0
    requests: float = 0.0
    output: float = 0.0
    warm: Mapping[Key, Warmth] = field(default_factory=lambda: NONE)
    thought_by: tuple[str, ...] = ()

    def goes_on(self, facts: Facts) -> bool:
        """Tell whether a request belongs to the turn that the conversation is in.

        Where the client names no turns, words that were answered and come again
        are a new one: so they route by what has been edited meanwhile.
        """
        if facts.continues_turn:
            return True
        return self.turn.id == facts.turn and not (self.answers and is_fingerprint(facts.turn))

    def held(self, candidate: Key, now: float) -> int:
        """Return how many tokens a candidate's prompt cache still holds."""
        warmth = self.warm.get(candidate)
        return warmth.tokens if warmth and now - warmth.used < WARM_SECONDS else 0

    def held_by(self, now: float) -> dict[Key, int]:
        """Return how many tokens each candidate holds whose prompt cache is still warm."""
        warm = self.warm.items()
        return {key: each.tokens for key, each in warm if now - each.used < WARM_SECONDS}


def kinds_of(facts: Facts) -> tuple[str, ...]:
    """Return what a request asks of a model beside words, by the names of the scenarios."""
    if not (facts.new_images or facts.web_search or facts.thinking):  # so it mostly is
        return ()
    asked = (
        ("image", facts.new_images),
        ("web_search", facts.web_search),
        ("think", facts.thinking),
    )
    return tuple([name for name, is_asked in asked if is_asked])


def lane_begun(lane: Lane, facts: Facts, decision: Decision, now: float) -> Lane:
    """Return the conversation in the turn that a decision has begun, or taken elsewhere."""
    requests, answers = lane.requests, lane.answers
    if not facts.continues_turn:
        requests, answers = averaged(requests, answers), 0
    turn = Turn(
        id=facts.turn,
        candidate=decision.candidates[0].key,
        chain=tuple([each.key for each in decision.candidates[1 : MOST_BEHIND + 1]]),
        concept=decision.concept,
        scenario=decision.scenario,
        transforms=decision.transforms,
        kinds=kinds_of(facts),
    )
    warm = {key: held for key, held in lane.warm.items() if now - held.used < WARM_SECONDS}
    return Lane(turn, now, answers, requests, lane.output, warm, lane.thought_by)


def lane_answered(
    lane: Lane, facts: Facts, candidate: Candidate, ending: Ending, usage: Usage | None
) -> Lane:
    """Return the conversation after an answer; one that came from another candidate moves it there.

    An answer to an earlier turn moves nothing. A turn whose first request brought
    nothing has not begun: there is nothing yet to keep together.
    """
    if ending.how == "failed":
        in_vain = lane.turn.id == facts.turn and not lane.answers
        return replace(lane, turn=replace(lane.turn, id="")) if in_vain else lane
    key, name = candidate.key, candidate.haystack.name
    turn, answers, warm, output = lane.turn, lane.answers, lane.warm, lane.output
    if turn.id == facts.turn:
        answers += ending.how == "ok"
        turn = turn if turn.candidate == key else turn.moved(key)
    used = max(lane.used, ending.began)
    if usage is not None:
        warm = {**warm, key: Warmth(_cached(candidate, usage), used)}
        output = averaged(output, usage.output) if ending.how == "ok" else output
    thought_by = lane.thought_by if name in lane.thought_by else (*lane.thought_by, name)
    return Lane(turn, used, answers, lane.requests, output, warm, thought_by)


def averaged(usual: float, newest: float) -> float:
    """Return a moving average; nothing at all is no experience yet."""
    if not newest:
        return usual
    return usual + _NEWEST * (newest - usual) if usual else float(newest)


def _cached(candidate: Candidate, usage: Usage) -> int:
    """Return how much of a prompt the provider keeps.

    Who sells the writing of its cache, or has no price for reading it, keeps
    what it tells. The others keep every prompt, and tell only what they read.
    """
    told, price = usage.cache_read + usage.cache_write, candidate.model.price
    if price and price.input and (price.cache_write or price.cache_read is None):
        return told
    return usage.input + told
