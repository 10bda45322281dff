"""An attempt whose history holds only what the provider can bear."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from haystacks.answer import Answer
from haystacks.attempt import attempt
from haystacks.depth import written
from haystacks.dialects.anthropic.thinking_history import holds, is_thought, without
from haystacks.dialects.openai_responses.reasoning import without_reasoning
from haystacks.errors import Refused
from haystacks.pool import Candidate, Haystack
from haystacks.request import Request
from haystacks.upstream import Send

# Anthropic's words for a signature that is not its own, and OpenAI's for encrypted reasoning.
_REFUSES_THOUGHTS: Final = re.compile(
    r"signature.*thinking|thinking.*(?:signature|cannot be modified)"
    r"|encrypted.content.*(?:verified|decrypted|invalid)|invalid_encrypted_content",
    re.IGNORECASE | re.DOTALL,
)
REFUSED: Final = "thinking removed: its signature was refused"
ANOTHERS: Final = "thinking removed: another provider has answered here before"


async def mended_attempt(
    request: Request,
    candidate: Candidate,
    key: str,
    send: Send,
    may: Callable[[], bool],
    *,
    thought_by: Sequence[Haystack] = (),
) -> Answer:
    """Return this candidate's answer; see ``attempt``.

    ``thought_by`` are the haystacks whose signed thoughts the history may hold. What another
    provider of the same dialect may have thought is left out at once.
    Whose the thinking of a history is can't always be known: a provider that
    refuses a signature is asked again, once, without the thinking; an agent's
    session would be stuck with that refusal for good. ``may`` tells whether one more
    call may be made.
    """
    note = ""
    if _another_of(candidate.haystack, thought_by) and holds(request.canonical, is_thought):
        request, note = _without_thinking(request), ANOTHERS
    try:
        answer = await attempt(request, candidate, key, send)
    except Refused as refused:
        asked_for = _REFUSES_THOUGHTS.search(refused.message)
        if not asked_for or not holds(request.canonical, is_thought) or not may():
            raise
        note = REFUSED
        answer = await attempt(_without_thinking(request), candidate, key, send)
    return replace(answer, adapted=(*answer.adapted, note)) if note else answer


def _another_of(own: Haystack, thought_by: Sequence[Haystack]) -> bool:
    """Tell whether one of them signs thoughts that look like this one's own."""
    return any(each.name != own.name and each.dialect == own.dialect for each in thought_by)


def _without_thinking(request: Request) -> Request:
    canonical = without(request.canonical, is_thought)
    match request.dialect.name:
        case "anthropic":
            parsed = canonical
        case "openai_responses":
            parsed = without_reasoning(request.parsed)
        case _:
            return replace(request, canonical=canonical)
    return replace(request, canonical=canonical, parsed=parsed, body=written(parsed))
