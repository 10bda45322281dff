"""What is known of the health of every haystack, model and key; it outlives reloads.

Everything is kept by names. A failure that the matrix blames on a model counts against the
candidate; one of the connection against its haystack, and so against all of its models at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from haystacks.errors import Closed, RolegraphError, UpstreamError, rule_of
from haystacks.health.breaker import Breaker
from haystacks.health.keyring import Keyring, Rest, resting
from haystacks.health.measures import Measures
from haystacks.health.performance import Performance
from haystacks.health.report import report
from haystacks.health.retry_budget import RetryBudget
from haystacks.health.word import Word, read_word, write_word
from haystacks.pool import Candidate, Haystack
from haystacks.usage import Usage

_MOST: Final = 2000
"""Names kept; those whose last call is longest ago go first. Clients can make up models."""

Name = tuple[str, str]
"""A haystack and a model, or "" for the connection to the haystack."""


@dataclass(slots=True)
class Attempt:
    """A call under way, which ends in one of Health's ``answered``, ``failed``, ``abandoned``.

    ``trial``: something was ejected when it began, and it finds out whether that is back.
    """

    candidate: Candidate
    key: str
    model: Breaker
    connection: Breaker
    performance: Performance
    trial: bool


def _nobody(_word: bytes) -> None:
    """Tell nobody: there are no other processes."""


class Health:
    """Answers before a call whether it should be made, and hears after it how it went.

    ``clock`` is monotonic, in seconds. ``tell`` takes what the other processes should know;
    ``heard`` is where they tell it. A call is ``begin``, then ``failed`` or ``abandoned``; or
    ``answered``, and when the whole answer has ended, ``finished``.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        tell: Callable[[bytes], None] = _nobody,
    ) -> None:
        self.clock = clock
        self.budget = RetryBudget()
        self._tell = tell
        self._breakers: dict[Name, Breaker] = {}
        self._ejected: dict[Name, str] = {}  # and the model that was asked at the time
        self._performances: dict[Name, Performance] = {}
        self._keyring = Keyring()

    # -- Before a call

    @property
    def all_well(self) -> bool:
        """Whether nothing is ejected and nothing rests."""
        return not self._ejected and not self._keyring.rests

    def closed(self, candidate: Candidate) -> str:
        """Return why no call should be made to a candidate now; empty where one may."""
        if self.all_well:
            return ""
        error = self.closing(candidate)
        return error.message if error else ""

    def closing(self, candidate: Candidate) -> RolegraphError | None:
        """Return what stands in the way of a call, as the error that it would end in."""
        if self.all_well:
            return None
        now = self.clock()
        name, model = candidate.key
        for place in ((name, ""), (name, model)):
            # Long requests are routed in a thread: it may be forgotten in the same moment.
            breaker = self._breakers.get(place) if place in self._ejected else None
            if breaker and not breaker.admits(now, candidate.haystack.health):
                left = max(0.0, breaker.until - now)
                return Closed(f"ejected for {left:.0f} s more: {breaker.reason}")
        rest = self._keyring.closed(candidate, now)
        return resting(rest, now) if rest else None

    def measures(self, candidate: Candidate) -> Measures | None:
        """Return how a candidate has lately answered; ``None`` where nothing is known."""
        performance = self._performances.get(candidate.key)
        return performance.measures(self.clock()) if performance else None

    def begin(
        self,
        candidate: Candidate,
        session: str = "",
        *,
        without: Collection[str] = (),
        resting: bool = False,
    ) -> Attempt | None:
        """Note that a call begins, and say with which key; ``None`` if no key is left for it.

        ``without`` are keys that this request has tried. With ``resting`` it goes
        out even with a key that rests.
        """
        now = self.clock()
        key = self._keyring.choose(candidate, session, now, without=without, resting=resting)
        if key is None:
            return None
        name = candidate.key
        connection, model = self._breaker((name[0], "")), self._breaker(name)
        performance = self._performance(name)
        performance.begun()
        trial = connection.begin(now)
        trial = model.begin(now) or trial
        return Attempt(candidate, key, model, connection, performance, trial)

    # -- After it

    def answered(self, attempt: Attempt) -> None:
        """Note that an answer has begun: what was ejected is in use again."""
        now = self.clock()
        attempt.connection.succeeded(now)
        self._keyring.answered(attempt.candidate, attempt.key)
        if attempt.trial:
            self._back(attempt, now)

    def failed(self, attempt: Attempt, error: RolegraphError) -> None:
        """Note that a call brought no answer; the matrix says what that means."""
        if not isinstance(error, UpstreamError):
            self.abandoned(attempt)
            return
        now, rule = self.clock(), rule_of(error)
        name, model = attempt.candidate.key
        attempt.performance.ended()
        if rule.blamed == "haystack":
            self._count((name, ""), attempt, error.cause, now)
        else:
            attempt.connection.succeeded(now)
            if rule.blamed == "model":
                self._count((name, model), attempt, error.cause, now)
            else:
                attempt.model.succeeded(now)
            if attempt.trial:
                self._back(attempt, now, model=rule.blamed == "nobody")
        if rested := self._keyring.failed(attempt.candidate, attempt.key, error, now):
            (_, key, of), rest = rested
            self._say(Word(name, of, rest.seconds, rest.reason, key, rest.limited, rest.fault))
        if rested or rule.blamed != "nobody":
            attempt.performance.failed(now)
        self._end_trial(attempt)

    def abandoned(self, attempt: Attempt) -> None:
        """Note that a call was given up on this side: nothing was learned."""
        attempt.performance.ended()
        self._end_trial(attempt)

    def dropped(self, candidate: Candidate) -> None:
        """Note that an answer was not wanted any more, instead of its end."""
        self._performance(candidate.key).ended()

    def finished(
        self,
        candidate: Candidate,
        usage: Usage | None,
        seconds: float,
        first_token_seconds: float | None = None,
        error: RolegraphError | None = None,
    ) -> None:
        """Note the end of an answer that ``answered`` began; ``error`` is what broke it.

        ``seconds`` are those of the call, ``first_token_seconds`` those up to the first
        event of a stream. A client that leaves is no error of the upstream's.
        """
        now, name = self.clock(), candidate.key
        breaker, performance = self._breaker(name), self._performance(name)
        performance.ended()
        if isinstance(error, UpstreamError) and rule_of(error).blamed != "nobody":
            performance.failed(now)
            attempt = Attempt(candidate, "", breaker, breaker, performance, trial=False)
            self._count(name, attempt, error.cause, now)
        else:
            breaker.succeeded(now)
            output = usage.output if usage else 0
            performance.answered(now, output, seconds, first_token_seconds)

    # -- Between processes, reloads and people

    def heard(self, word: bytes) -> None:
        """Follow what another process has found out."""
        told = read_word(word)
        if told is None:
            return
        now = self.clock()
        if told.key is not None:
            rest = Rest(now + told.seconds, told.seconds, told.reason, told.limited, told.fault)
            self._keyring.put((told.haystack, told.key, told.model), rest, now)
            return
        name = (told.haystack, told.model)
        breaker = self._breaker(name)
        breaker.told(now, told.seconds, told.reason)
        if breaker.ejected:
            self._ejected.setdefault(name, told.model)
        else:
            self._ejected.pop(name, None)

    def ejected(self, haystack: Haystack) -> Iterator[Candidate]:
        """Yield a candidate for each thing of a haystack that is ejected: who can tell."""
        for (name, _), asked in list(self._ejected.items()):
            if name == haystack.name:
                model = haystack.model(asked) if asked else next(iter(haystack.models), None)
                if model:
                    yield Candidate(haystack, model)

    def forget(self, names: Collection[str]) -> None:
        """Forget the haystacks of these names: they are gone."""
        for kept in (self._breakers, self._ejected, self._performances):
            for name in [name for name in kept if name[0] in names]:
                del kept[name]
        self._keyring.forget(names)

    def describe(self, haystacks: Iterable[Haystack]) -> dict[str, Any]:
        """Return the state of each haystack, its models and keys, by its name."""
        now = self.clock()
        return {
            haystack.name: report(
                haystack, self._breakers, self._performances, self._keyring.rests, now
            )
            for haystack in haystacks
        }

    # -- What lies below

    def _breaker(self, name: Name) -> Breaker:
        breaker = self._breakers.pop(name, None)
        if breaker is None:
            breaker = Breaker()
            if len(self._breakers) >= _MOST:
                oldest = next(iter(self._breakers))
                del self._breakers[oldest]
                self._ejected.pop(oldest, None)
        self._breakers[name] = breaker
        return breaker

    def _performance(self, name: Name) -> Performance:
        performance = self._performances.pop(name, None)
        if performance is None:
            performance = Performance()
            if len(self._performances) >= _MOST:
                del self._performances[next(iter(self._performances))]
        self._performances[name] = performance
        return performance

    def _count(self, name: Name, attempt: Attempt, cause: str, now: float) -> None:
        """Count a failure of a model or, under no model's name, of the connection."""
        breaker = attempt.model if name[1] else attempt.connection
        tolerance = attempt.candidate.haystack.health
        seconds = breaker.failed(now, tolerance, cause, trial=attempt.trial)
        if seconds and self._breakers.get(name) is breaker:
            self._ejected[name] = attempt.candidate.model.id
            self._say(Word(*name, seconds, breaker.reason))

    def _back(self, attempt: Attempt, now: float, *, model: bool = True) -> None:
        """End the ejections that a trial has proved wrong."""
        name = attempt.candidate.key
        if attempt.connection.answered(now, trial=True):
            self._returned((name[0], ""))
        if model and attempt.model.answered(now, trial=True):
            self._returned(name)

    def _returned(self, name: Name) -> None:
        self._ejected.pop(name, None)
        self._say(Word(*name, 0.0, ""))

    def _end_trial(self, attempt: Attempt) -> None:
        if attempt.trial:
            attempt.connection.abandoned()
            attempt.model.abandoned()

    def _say(self, word: Word) -> None:
        self._tell(write_word(word))
