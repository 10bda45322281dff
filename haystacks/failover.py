"""Walk a decision's candidates until one answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from haystacks.answer import Answer, Failure
from haystacks.errors import (
    BadRequest,
    Exhausted,
    RateLimited,
    RolegraphError,
    UpstreamError,
)
from haystacks.mended import mended_attempt
from haystacks.pool import Candidate, Haystack
from haystacks.request import Request
from haystacks.upstream import Send

ChooseKey = Callable[[Haystack, str], str]


async def first_answer(
    request: Request, candidates: Sequence[Candidate], choose_key: ChooseKey, send: Send
) -> Answer:
    """Return the first candidate's answer that is one, with the failures before it.

    Routing is not asked again. An error that must not fail over (a 400 above
    all) ends the walk at once. When all have failed, raises the only failure as
    it is, or else ``Exhausted`` (``RateLimited`` if no candidate failed otherwise).
    """
    failures: list[Failure] = []
    for candidate in candidates:
        try:
            key = choose_key(candidate.haystack, request.session)
            answer = await mended_attempt(request, candidate, key, send)
        except BadRequest as error:
            # This candidate's dialect can't express the request; another's may.
            failures.append(Failure(candidate, error))
        except UpstreamError as error:
            failures.append(Failure(candidate, error))
            if not error.failover:
                error.tried = tuple(map(str, failures))
                raise
        else:
            return replace(answer, failures=tuple(failures)) if failures else answer
    raise exhausted(failures)


def exhausted(failures: Sequence[Failure]) -> RolegraphError:
    """Return what the client is told when no candidate answered."""
    errors = [failure.error for failure in failures]
    reasons = "; ".join(str(failure) for failure in failures)
    error: RolegraphError
    if len(errors) == 1 or all(isinstance(error, BadRequest) for error in errors):
        error = errors[0]
    elif all(isinstance(error, RateLimited) for error in errors):
        soonest = min(errors, key=_wait)
        error = RateLimited(
            f"every candidate is rate limited: {reasons}",
            upstream_status=429,
            headers=soonest.headers,
        )
        error.final = True
    else:
        error = Exhausted(f"every candidate failed: {reasons}")
        error.final = True
    error.tried = tuple(map(str, failures))
    return error


def _wait(error: RolegraphError) -> float:
    """Return the seconds an error asks to wait; a date or nothing counts as longest."""
    try:
        return float(error.headers.get("retry-after", "inf"))
    except ValueError:
        return float("inf")
