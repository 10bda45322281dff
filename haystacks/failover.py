"""Walk a decision's candidates until one answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from haystacks.answer import Answer, Failure
from haystacks.errors import (
    BadRequest,
    Exhausted,
    LimitReached,
    Outpaced,
    RateLimited,
    RolegraphError,
    TooLong,
    UpstreamError,
    rule_of,
)
from haystacks.health.health import Health
from haystacks.health.keyring import wait_of
from haystacks.hedge import hedged
from haystacks.mended import mended_attempt
from haystacks.pool import Candidate
from haystacks.request import Request
from haystacks.upstream import Send


class Gate(Protocol):
    """Limits of our own, which a call to a candidate must pass."""

    async def enter(self, candidate: Candidate, tokens: Callable[[], int]) -> LimitReached | None:
        """Take a place, or return why there is none, and until when. May wait a moment.

        ``tokens`` counts the request's, which costs time: only where it matters.
        """
        ...

    def leave(self, candidate: Candidate) -> None:
        """Give the place back: the call has failed, or its answer has ended."""
        ...


class OpenGate:
    """No limits."""

    async def enter(self, candidate: Candidate, tokens: Callable[[], int]) -> None:
        """Let everything in."""

    def leave(self, candidate: Candidate) -> None:
        """Keep nothing."""


OPEN_GATE = OpenGate()

# One call to a candidate with a key; the last argument tells whether it may make one more.
Ask = Callable[[Request, Candidate, str, Send, Callable[[], bool]], Awaitable[Answer]]


async def first_answer(
    request: Request,
    candidates: Sequence[Candidate],
    health: Health,
    send: Send,
    *,
    gate: Gate = OPEN_GATE,
    hedge_seconds: float = 0.0,
    ask: Ask = mended_attempt,
) -> Answer:
    """Return the first candidate's answer that is one, with the failures before it.

    The matrix in ``errors`` says what a failure leads to; routing is not asked again. Who
    should not be called now is passed over, unless it is the last one left. Whoever
    takes the answer tells ``health.finished`` and ``gate.leave`` when it has ended.

    ``hedge_seconds``: after so long without an answer the next candidate is asked beside
    this one; 0 waits. When all have failed, raises the failure as it is if there was
    one candidate, or else ``Exhausted`` (``RateLimited`` if nothing but limits was met).
    ``ask`` makes one call.
    """
    health.budget.request(health.clock())
    walk = _Walk(request, candidates, health, send, gate, ask)
    while walk.ahead:
        if hedge_seconds and len(walk.ahead) > 1:
            answer = await hedged(walk.next(), walk.beside, hedge_seconds, walk.drop)
        else:
            answer = await walk.next()
        if answer is not None:
            return walk.explained(answer) if walk.failures else answer
    raise _noted(exhausted(walk.failures, spent=walk.spent), walk.failures)


class _Walk:
    """One request on its way along its candidates.

    ``ahead`` are those still to be asked; ``spent`` says that the budget allows no more.
    """

    __slots__ = (
        "_asked",
        "_began",
        "_called",
        "_gate",
        "_health",
        "_make",
        "_request",
        "_send",
        "ahead",
        "failures",
        "spent",
    )

    def __init__(
        self,
        request: Request,
        candidates: Sequence[Candidate],
        health: Health,
        send: Send,
        gate: Gate,
        make: Ask,
    ) -> None:
        self._request = request
        self._health = health
        self._send = send
        self._gate = gate
        self._make = make
        self._called = False
        self._began = health.clock()
        self._asked: dict[tuple[str, str], float] = {}
        self.ahead = list(candidates)
        self.failures: list[Failure] = []
        self.spent = False

    def explained(self, answer: Answer) -> Answer:
        """Return the answer with what came before it."""
        waited = self._asked[answer.candidate.key] - self._began
        return replace(answer, failures=tuple(self.failures), waited=waited)

    async def next(self) -> Answer | None:
        """Ask the next candidate; ``None`` if it brought nothing."""
        candidate = self.ahead.pop(0)
        closing = self._health.closing(candidate) if self.ahead else None
        if closing is not None:
            self.failures.append(Failure(candidate, closing, called=False))
            return None
        return await self._enter(candidate)

    async def beside(self) -> Answer | None:
        """Ask the first one that may be asked now, while another is being asked."""
        if self._health.budget.left(self._health.clock()) < 1:
            return None
        for index, candidate in enumerate(self.ahead):
            if self._health.closing(candidate) is None:
                return await self._enter(self.ahead.pop(index))
        return None

    async def drop(self, answer: Answer) -> None:
        """Let go of an answer that came second."""
        self._health.dropped(answer.candidate)
        self._lost(answer.candidate)
        self._gate.leave(answer.candidate)
        answer.drop()

    async def _enter(self, candidate: Candidate) -> Answer | None:
        if full := await self._gate.enter(candidate, self._tokens):
            self.failures.append(Failure(candidate, full, called=False))
            return None
        answer = None
        try:
            answer = await self._ask(candidate)
        finally:
            if answer is None:
                self._gate.leave(candidate)
        return answer

    async def _ask(self, candidate: Candidate) -> Answer | None:
        """Call a candidate, and again with another key where that may help."""
        request, health = self._request, self._health
        tried: list[str] = []
        # The session tells which of several keys is its own.
        session = request.session if len(candidate.haystack.keys) > 1 else ""
        while attempt := health.begin(candidate, session, without=tried, resting=not tried):
            if not self._may():
                health.abandoned(attempt)
                self.spent = True
                self.ahead.clear()
                return None
            self._asked[candidate.key] = health.clock()
            try:
                answer = await self._make(request, candidate, attempt.key, self._send, self._may)
            except (BadRequest, UpstreamError) as error:
                health.failed(attempt, error)
                self._note(candidate, error)
                if rule_of(error).next != "key":
                    return None
                tried.append(attempt.key)
            except BaseException:
                health.abandoned(attempt)
                self._lost(candidate)
                raise
            else:
                health.answered(attempt)
                return answer
        return None

    def _note(self, candidate: Candidate, error: RolegraphError) -> None:
        """Keep a failure, and whom it leaves to be asked; raises it where that is nobody at all."""
        called = isinstance(error, UpstreamError)
        self.failures.append(Failure(candidate, error, called=called))
        match rule_of(error).next:
            case "nothing":
                raise _noted(error, self.failures)
            case "window":
                own = candidate.model.context_window
                self.ahead = [each for each in self.ahead if own and _larger(each, own)]
            case "candidate" if not called:
                # The one call that is free of the budget was not made.
                self._called = any(failure.called for failure in self.failures)

    def _lost(self, candidate: Candidate) -> None:
        """Keep that a call was made for nothing; no fault of anybody's."""
        self.failures.append(Failure(candidate, Outpaced("another was faster")))

    def _may(self) -> bool:
        """Tell whether a call may be made now, and count it; the first of a request always may."""
        if self._called:
            return self._health.budget.take(self._health.clock())
        self._called = True
        return True

    def _tokens(self) -> int:
        return self._request.estimate.input()


def _larger(candidate: Candidate, window: int) -> bool:
    return (candidate.model.context_window or 0) > window


def exhausted(failures: Sequence[Failure], *, spent: bool = False) -> RolegraphError:
    """Return what the client is told when no candidate answered, or no more may be asked."""
    errors = [failure.error for failure in failures]
    too_long = [error for error in errors if isinstance(error, TooLong)]
    if too_long:
        return too_long[-1]  # a client that reads it makes the conversation shorter
    reasons = "; ".join(map(str, failures))
    error: RolegraphError
    if spent:
        error = Exhausted(f"too many requests need a second attempt now: {reasons}")
    elif len({failure.candidate.key for failure in failures}) == 1:
        error = _soonest(errors)
        if isinstance(error, LimitReached):  # which says what, but not whose
            return LimitReached(reasons, headers=error.headers)
        return error
    elif all(isinstance(error, BadRequest) for error in errors):
        return errors[0]
    elif all(isinstance(error, RateLimited | LimitReached) for error in errors):
        error = RateLimited(
            f"every candidate is rate limited: {reasons}",
            upstream_status=429,
            headers=_soonest(errors).headers,
        )
    else:
        error = Exhausted(f"every candidate failed: {reasons}")
    error.final = True
    return error


def _soonest(errors: Sequence[RolegraphError]) -> RolegraphError:
    """Return the error that asks to wait the least; of those that name nothing, the first."""
    return min(errors, key=_wait)


def _wait(error: RolegraphError) -> float:
    seconds = wait_of(error)
    return float("inf") if seconds is None else seconds


def _noted(error: RolegraphError, failures: Sequence[Failure]) -> RolegraphError:
    """Return the error with the names of all that failed on the way."""
    error.tried = tuple(map(str, failures))
    error.attempts = sum(failure.called for failure in failures)
    return error
