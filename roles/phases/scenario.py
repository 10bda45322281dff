"""Phase 5: where a request goes by its kind, when nothing else decided."""

from __future__ import annotations

from collections.abc import Iterator

from haystacks.pool import Candidate
from roles.decision import Skipped
from roles.facts import Facts
from roles.filters import sift
from roles.live import Live
from roles.phases.answer import Answer, Pass
from roles.role import ScenarioName
from roles.view import View


def scenario(facts: Facts, view: View, live: Live) -> Answer | Pass:
    """Answer with the first scenario that fits and has a candidate, then those of the others.

    The confidence is 1 where the request's kind decided, and 0 for the default.
    """
    chosen: ScenarioName | None = None
    why = ""
    candidates: dict[tuple[str, str], Candidate] = {}
    skipped: list[Skipped] = []
    for name, reason in _fitting(facts, view):
        fit, out = sift(view.scenarios[name], facts, live)
        skipped += out
        if fit and chosen is None:
            chosen, why = name, reason
        for candidate in fit:
            candidates.setdefault(candidate.key, candidate)
    if chosen is None:
        return Pass("no model of any scenario can take the request", tuple(skipped))
    return Answer(
        candidates=tuple(candidates.values()),
        reason=f"{chosen}: {why}",
        confidence=0.0 if chosen == "default" else 1.0,
        scenario=chosen,
        skipped=tuple(skipped),
    )


def _fitting(facts: Facts, view: View) -> Iterator[tuple[ScenarioName, str]]:
    """Yield the role's scenarios that fit the request, the most demanding first, and why."""
    own = view.scenarios
    if facts.images and "image" in own:
        yield "image", "the request holds an image"
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
