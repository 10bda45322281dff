"""An attempt that is made once more where the provider names what it can't bear."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from haystacks.answer import Answer
from haystacks.attempt import attempt
from haystacks.depth import written
from haystacks.dialects.anthropic.thinking_history import holds, is_thought, without
from haystacks.errors import Refused
from haystacks.pool import Candidate
from haystacks.request import Request
from haystacks.upstream import Send

_REFUSES_THOUGHTS: Final = re.compile(
    r"signature.*thinking|thinking.*(?:signature|cannot be modified)", re.IGNORECASE | re.DOTALL
)
NOTE: Final = "thinking removed: its signature was refused"


async def mended_attempt(
    request: Request, candidate: Candidate, key: str, send: Send, may: Callable[[], bool]
) -> Answer:
    """Return this candidate's answer; see ``attempt``.

    Whose the thinking of a history is can't always be known. A provider that
    refuses a signature is asked again, once, without the thinking; an agent's
    session would be stuck with that refusal for good. ``may`` tells whether one more
    call may be made.
    """
    try:
        return await attempt(request, candidate, key, send)
    except Refused as refused:
        asked_for = _REFUSES_THOUGHTS.search(refused.message)
        if not asked_for or not holds(request.canonical, is_thought) or not may():
            raise
    answer = await attempt(_without_thinking(request), candidate, key, send)
    return replace(answer, adapted=(*answer.adapted, NOTE))


def _without_thinking(request: Request) -> Request:
    canonical = without(request.canonical, is_thought)
    if request.dialect.name != "anthropic":
        return replace(request, canonical=canonical)
    return replace(request, canonical=canonical, parsed=canonical, body=written(canonical))
