"""Room for the turn that begins: with every answer of a tool the prompt grows."""

from __future__ import annotations

from typing import Final

from haystacks.pool import Candidate
from roles.facts import Facts

# The share of a window that a tool loop takes now and then: 16,000 of 128,000 tokens.
_SHARE: Final = 8


def has_room(candidate: Candidate, facts: Facts) -> bool:
    """Tell whether an eighth of the model's context window is left; an unknown window has room."""
    window = candidate.model.context_window
    return window is None or not facts.longer_than(window - window // _SHARE)


def roomy_first(candidates: tuple[Candidate, ...], facts: Facts) -> tuple[Candidate, ...]:
    """Return one or more candidates, those with room first, in a turn that begins.

    Else it would outgrow its model and have to go on with another. None is left out.
    """
    if facts.continues_turn or has_room(candidates[0], facts):
        return candidates
    return tuple(sorted(candidates, key=lambda each: not has_room(each, facts)))
