"""What takes a candidate out of every phase, and the reason it gives.

What is unknown never excludes: a model whose capabilities or context window
nobody has told us is taken to fit.
"""

from __future__ import annotations

from collections.abc import Iterable

from haystacks.pool import Candidate
from roles.decision import Skipped
from roles.facts import Facts

Chain = tuple[Candidate | Skipped, ...]

# Room for an answer. ``max_tokens`` is a ceiling that agents set to all they could ever
# want (128,000), so asking for that much room would leave no model standing.
ANSWER_TOKENS = 4096


def sift(
    chain: Iterable[Candidate | Skipped], facts: Facts
) -> tuple[list[Candidate], list[Skipped]]:
    """Return the candidates that can take the request, in order and once each, and the others."""
    fit: list[Candidate] = []
    skipped: list[Skipped] = []
    for link in chain:
        if isinstance(link, Skipped):
            skipped.append(link)
        elif reason := unfit(link, facts):
            skipped.append(Skipped(str(link), reason))
        elif link not in fit:
            fit.append(link)
    return fit, skipped


def unfit(candidate: Candidate, facts: Facts) -> str:
    """Return why the model can't take this request; empty where it can."""
    model = candidate.model
    if (can := model.capabilities) is not None:
        if facts.tools and "tools" not in can:
            return "no tools"
        if facts.images and "images" not in can:
            return "no images"
        if facts.web_search and "web_search" not in can:
            return "no web search"
    if (window := model.context_window) is not None:
        answer = min(facts.max_tokens or 0, model.max_output or ANSWER_TOKENS, ANSWER_TOKENS)
        if facts.longer_than(window - answer):
            return f"too long: {facts.tokens():,} tokens and an answer for {window:,}"
    return ""


def listed(skipped: Iterable[Skipped]) -> str:
    """Return each candidate and its reason in one line, for an error's message."""
    return "; ".join(dict.fromkeys(f"{each.candidate}: {each.reason}" for each in skipped))
