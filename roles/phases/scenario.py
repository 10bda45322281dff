"""Phase 5: where a request goes by its kind, when nothing else decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from haystacks.pool import Candidate
from kg.value import value
from roles.decision import Skipped
from roles.facts import Facts
from roles.filters import sift
from roles.live import Live
from roles.phases.answer import Answer, Pass
from roles.role import ScenarioName
from roles.view import View

NONE_OPEN: Final = "no model of any scenario can take the request"


@value
class Fitting:
    """A scenario that fits the request, why, and its candidates that can take it."""

    name: ScenarioName
    why: str
    candidates: tuple[Candidate, ...]
    skipped: tuple[Skipped, ...]


def scenario(facts: Facts, view: View, live: Live) -> Answer | Pass:
    """Answer with the first scenario that fits and has a candidate, then those of the others.

    The confidence is 1 where the request's kind decided, and 0 for the default.
    """
    chosen: Fitting | None = None
    candidates: dict[tuple[str, str], Candidate] = {}
    skipped: list[Skipped] = []
    for each in fitting(facts, view, live):
        skipped += each.skipped
        if each.candidates and chosen is None:
            chosen = each
        for candidate in each.candidates:
            candidates.setdefault(candidate.key, candidate)
    if chosen is None:
        return Pass(NONE_OPEN, tuple(skipped))
    return Answer(
        candidates=tuple(candidates.values()),
        reason=f"{chosen.name}: {chosen.why}",
        confidence=0.0 if chosen.name == "default" else 1.0,
        scenario=chosen.name,
        skipped=tuple(skipped),
    )


def choice(facts: Facts, view: View, live: Live) -> Fitting | Pass:
    """Return the scenario that decides, where it leaves something to choose.

    What ranks candidates ranks these, and never others: the chain is what a
    person has thought of for this kind of request.
    """
    for each in fitting(facts, view, live):
        if len(each.candidates) > 1:
            return each
        if each.candidates:
            only = each.candidates[0]
            return Pass(f"{each.name} leads to {only} alone: there is nothing to choose")
    return Pass(NONE_OPEN)


def fitting(facts: Facts, view: View, live: Live) -> Iterator[Fitting]:
    """Yield the scenarios that fit, the most demanding first; candidates may be missing."""
    for name, why in _kinds(facts, view):
        fit, skipped = sift(view.scenarios[name], facts, live)
        yield Fitting(name, why, tuple(fit), tuple(skipped))


def _kinds(facts: Facts, view: View) -> Iterator[tuple[ScenarioName, str]]:
    """Yield the role's scenarios that fit the request, the most demanding first, and why."""
    own = view.scenarios
    if facts.new_images and "image" in own:
        yield "image", "an image is newly shown"
    if facts.web_search and "web_search" in own:
        yield "web_search", "the request carries a web search tool"
    # Asked last of all conditions, and only where it matters: it may have to count tokens.
    if "long_context" in own and facts.longer_than(view.role.long_context_threshold):
        yield "long_context", f"over {view.role.long_context_threshold:,} tokens"
    if facts.thinking and "think" in own:
        yield "think", "thinking is asked for"
    if "background" in own and _background(facts):
        yield "background", "a small model or an auxiliary request"
    yield "default", "nothing else fits"


def _background(facts: Facts) -> bool:
    """Tell work that nobody waits for: a haiku-class model, or what Claude Code does aside."""
    return (
        "haiku" in facts.model.lower()
        or facts.headers.get("x-claude-code-request-class") == "auxiliary"
    )
