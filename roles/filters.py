"""What takes a candidate out of every phase, and the reason it gives.

What is unknown never excludes: a model whose capabilities or context window
nobody has told us is taken to fit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from haystacks.pool import Candidate
from haystacks.subscription import subscription
from roles.decision import Skipped
from roles.facts import Facts
from roles.live import AT_REST, Live


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of these will do: the first that can take the request."""

    options: tuple[Candidate | Skipped, ...]


Link = Candidate | Skipped | Choice
Chain = tuple[Link, ...]

# Room for an answer. ``max_tokens`` is a ceiling that agents set to all they could ever
# want (128,000), so asking for that much room would leave no model standing.
ANSWER_TOKENS = 4096


def sift(
    chain: Iterable[Link], facts: Facts, live: Live = AT_REST
) -> tuple[list[Candidate], list[Skipped]]:
    """Return the candidates that can take the request, in order and once each, and the others."""
    fit: dict[tuple[str, str], Candidate] = {}
    skipped: list[Skipped] = []
    all_open = live.all_open
    for link in chain:
        for option in link.options if isinstance(link, Choice) else (link,):
            if isinstance(option, Skipped):
                skipped.append(option)
            elif reason := unfit(option, facts) or ("" if all_open else closed(option, live)):
                skipped.append(Skipped(str(option), reason))
            else:
                fit.setdefault(option.key, option)
                break
    return list(fit.values()), skipped


def unfit(candidate: Candidate, facts: Facts) -> str:
    """Return why the model can't take this request; empty where it can."""
    if candidate.haystack.passthrough and not subscription(facts.headers):
        return "the client brings no token of a subscription"
    model = candidate.model
    if (can := model.capabilities) is not None:
        if "embeddings" in can:
            return "makes embeddings only"
        if facts.tools and "tools" not in can:
            return "no tools"
        if facts.images and "images" not in can:
            return "no images"
        if facts.web_search and "web_search" not in can:
            return "no web search"
    window = model.context_window
    if window is not None and facts.token_bound > window - ANSWER_TOKENS:
        answer = min(facts.max_tokens or 0, model.max_output or ANSWER_TOKENS, ANSWER_TOKENS)
        if facts.longer_than(window - answer):
            return f"too long: {facts.tokens():,} tokens and an answer for {window:,}"
    return ""


def closed(candidate: Candidate, live: Live) -> str:
    """Return why a candidate that could take the request should not now; empty where it may."""
    allowance = live.allowance
    if allowance.spent and allowance.free_only and not _free(candidate):
        return f"over budget: {allowance.spent}"
    return live.closed(candidate)


def _free(candidate: Candidate) -> bool:
    """Tell whether it costs nothing; an unknown price may be any."""
    price = candidate.model.price
    return price is not None and not (price.input or price.output)


def listed(skipped: Iterable[Skipped]) -> str:
    """Return each candidate and its reason in one line, for an error's message."""
    return "; ".join(dict.fromkeys(f"{each.candidate}: {each.reason}" for each in skipped))
