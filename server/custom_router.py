"""The home's own router: ``router.py``, which may change what the phases decided.

It defines ``def route(facts, decision)``, and returns the decision as it was, one
with its candidates in another order or fewer of them, a name such as
``"haystack,model"``, or a list of names. Whatever goes wrong with it, the
decision of the phases stands.
"""

from __future__ import annotations

import inspect
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import structlog

from haystacks.own_code import not_allowed, run_file
from haystacks.pool import Candidate
from kg.codes import problem
from kg.problem import Problem
from roles.decision import Decision, Skipped, Step
from roles.facts import Facts
from roles.filters import listed, sift
from roles.lane import Key
from roles.live import Live
from roles.view import View
from server.own_thread import Failure, OwnThread

FILE: Final = "router.py"

# A router that fails, fails for each request: the log need not hold every one.
QUIET_SECONDS: Final = 60.0

# Characters of a name, which goes into headers and the log.
_LONGEST: Final = 256

log = structlog.get_logger("rolegraph.router")


@dataclass(slots=True)
class Router:
    """A home's ``route``, as the file with this source defines it."""

    source: bytes
    thread: OwnThread
    _quiet_until: float = 0.0
    _unsaid: int = 0

    def complain(self, reason: str) -> None:
        """Log a failure, once in a minute, and how many were not logged since the last."""
        now = time.monotonic()
        if now < self._quiet_until:
            self._unsaid += 1
            return
        log.warning("the home's router fails", reason=f"{FILE} {reason}", unsaid=self._unsaid)
        self._quiet_until, self._unsaid = now + QUIET_SECONDS, 0


def load(
    home: Path, previous: Router | None, *, allowed: bool
) -> tuple[Router | None, tuple[Problem, ...]]:
    """Return the home's router, if it has one that may run, and what is wrong with its file.

    A file that says what it said is not run again.
    """
    try:
        text = (home / FILE).read_bytes()
    except FileNotFoundError:
        return None, ()
    except OSError as error:
        return None, (_wrong(f"the file can't be read: {error.strerror}"),)
    if not allowed:
        return None, (not_allowed(FILE, "router"),)
    if previous and previous.source == text:
        return previous, ()
    read = read_router(text)
    return (None, (read,)) if isinstance(read, Problem) else (read, ())


def read_router(text: bytes) -> Router | Problem:
    """Run a file, and return the router that it defines, or what is wrong with it."""
    names = run_file(text, FILE)
    if isinstance(names, Problem):
        return names
    route: Any = names.get("route")
    if not _is_route(route):
        hint = "write: def route(facts, decision):"
        return _wrong("it defines no route(facts, decision)", hint)
    # What it returns is read in its own thread too: an object of its own may do anything.
    return Router(text, OwnThread(lambda *asked: _named(route(*asked)), FILE))


def _wrong(message: str, hint: str = "") -> Problem:
    return problem("RG321", FILE, 1, 1, message, hint)


def _is_route(found: Any) -> bool:
    if not inspect.isfunction(found) or inspect.iscoroutinefunction(found):
        return False
    try:
        inspect.signature(found).bind("facts", "decision")
    except TypeError:
        return False
    return True


async def rerouted(
    router: Router, facts: Facts, decision: Decision, view: View, live: Live, *, limit: float
) -> Decision:
    """Return the decision as the home's router wants it, with a line about it in the trace.

    It has ``limit`` seconds. If it takes longer, raises, or returns what can't be
    used, the decision stays as it was, and the line says why.
    """
    # Copies: what it changes in them, also when its time is over, is its own affair.
    own = replace(facts, headers=dict(facts.headers))
    named = await router.thread.ask(own, replace(decision), seconds=limit)
    said = named if isinstance(named, Failure) else _read(named, facts, decision, view, live)
    if isinstance(said, Failure):
        router.complain(said.reason)
        return _with_step(decision, f"{FILE} {said.reason}; the decision stands")
    candidates, skipped = said
    if [each.key for each in candidates] == [each.key for each in decision.candidates]:
        return _with_step(decision, f"{FILE} leaves it so", skipped)
    reason = f"{FILE} says {' > '.join(map(str, candidates))}"
    step = Step("router", answered=True, reason=reason, skipped=skipped)
    trace = (*decision.trace, step)
    return replace(decision, phase="router", candidates=candidates, trace=trace)


def _with_step(decision: Decision, reason: str, skipped: tuple[Skipped, ...] = ()) -> Decision:
    step = Step("router", answered=False, reason=reason, skipped=skipped)
    return replace(decision, trace=(*decision.trace, step))


def _named(returned: object) -> list[Key] | Failure:
    """Return haystack and model of each candidate that a router has returned."""
    candidates = returned.candidates if isinstance(returned, Decision) else returned
    keys: list[Key] = []
    for each in candidates if isinstance(candidates, list | tuple) else (candidates,):
        key = _key(each)
        if key is None:
            return Failure(f"returned {type(each).__name__}: no decision, and no haystack,model")
        keys.append(key)
    return keys


def _key(named: object) -> Key | None:
    if isinstance(named, Candidate):
        return named.key
    if not isinstance(named, str) or len(named) > _LONGEST or not named.isprintable():
        return None
    haystack, _, model = named.partition(",")
    key = haystack.strip(), model.strip()
    return key if all(key) else None


def _read(
    named: list[Key], facts: Facts, decision: Decision, view: View, live: Live
) -> tuple[tuple[Candidate, ...], tuple[Skipped, ...]] | Failure:
    """Return the candidates that were meant: those of the decision as they are, others sifted."""
    ours = {each.key: each for each in decision.candidates}
    fit: dict[Key, Candidate] = {}
    skipped: list[Skipped] = []
    for key in named:
        if own := ours.get(key):
            fit[key] = own
            continue
        if not _has(view, key[0]):
            return Failure(f'names an unknown haystack: "{key[0]},{key[1]}"')
        more, out = sift(view.offer.find(*key), facts, live)
        fit |= {candidate.key: candidate for candidate in more}
        skipped += out
    if not fit:
        return Failure(
            f"names nothing that is open: {listed(skipped)}" if skipped else "names none"
        )
    return tuple(fit.values()), tuple(skipped)


def _has(view: View, haystack: str) -> bool:
    """Tell whether the role has a haystack of that name or service."""
    name = haystack.lower()
    return any(name in {own.name.lower(), own.service.lower()} for own in view.offer.own)
