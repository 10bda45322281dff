"""What a phase says: an answer, or why it passes."""

from __future__ import annotations

from collections.abc import Callable

from haystacks.pool import Candidate
from kg.value import value
from roles.decision import Matched, Skipped
from roles.facts import Facts
from roles.live import Live
from roles.view import View


@value
class Answer:
    """At least one candidate that can take the request, first choice first.

    ``exact`` means that the client named it: nothing else may answer instead.
    ``transforms`` are the concept's transformers, by name.
    """

    candidates: tuple[Candidate, ...]
    reason: str
    confidence: float = 1.0
    concept: str = ""
    scenario: str = ""
    skipped: tuple[Skipped, ...] = ()
    matched: tuple[Matched, ...] = ()
    transforms: tuple[str, ...] = ()
    exact: bool = False


@value
class Pass:
    """The phase has nothing to say of this request, or nothing that a filter lets through."""

    reason: str
    skipped: tuple[Skipped, ...] = ()
    matched: tuple[Matched, ...] = ()


Phase = Callable[[Facts, View, Live], Answer | Pass]
