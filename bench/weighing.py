"""Measures a decision that every phase but the last is asked for, in a session that is known."""

from __future__ import annotations

import time
from itertools import count
from typing import Any, Final

import orjson

from bench.corpus import prompt
from haystacks.health.health import Health
from haystacks.pool import Candidate
from haystacks.usage import Usage
from roles.extract import facts_of
from roles.facts import Facts
from roles.lane import Ending
from roles.live import Live, everything_open
from roles.route import route
from roles.session import answered, begun
from roles.view import View

_PROMPTS: Final = 50
_SAMPLES: Final = 100
_NOW: Final = 1_800_000_000.0
_HEADERS: Final = {"x-session-id": "bench"}


def weighed(view: View, rounds: int) -> float:
    """Return the median seconds of facts, match and phases where what was measured decides."""
    health = _measured(view)
    asked = [prompt("", seed=seed) for seed in range(_PROMPTS)]
    times: list[float] = []
    place = count()
    closed = everything_open if health.all_well else health.closed  # as the server has it
    for round_ in range(rounds + 1):
        for text in asked:
            facts = _facts(_request(text, next(place)))
            first = route(facts, view)
            # The conversation was answered long ago by what the scenario names: nothing is warm.
            session = begun(None, facts, first, _NOW - 1000)
            usage = Usage(500, 200)
            known = answered(session, facts, first.candidates[0], Ending("ok"), usage, _NOW - 999)
            live = Live(now=_NOW, session=known, measures=health.measures, closed=closed, key="me")
            request = _request(text, next(place))
            began = time.perf_counter()
            facts = _facts(request)
            decision = route(facts, view, live)
            if round_:
                times.append(time.perf_counter() - began)
            if decision.phase != "performance":
                raise RuntimeError(f"a prompt went by {decision.phase}: {decision.trace}")
    return sorted(times)[len(times) // 2]


def _request(text: str, place: int) -> tuple[dict[str, Any], int]:
    message = {"role": "user", "content": f"{place} {text}"}
    canonical: dict[str, Any] = {"model": "auto", "messages": [message]}
    return canonical, len(orjson.dumps(canonical))


def _facts(request: tuple[dict[str, Any], int]) -> Facts:
    canonical, size = request
    return facts_of(canonical, _HEADERS, body_bytes=size, count=lambda: 500)


def _measured(view: View) -> Health:
    """Return a health that has seen enough answers of each model to compare them."""
    health = Health()
    for link in view.scenarios["default"]:
        assert isinstance(link, Candidate)
        for _ in range(_SAMPLES):
            call = health.begin(link)
            assert call is not None
            health.answered(call)
            health.finished(link, Usage(500, 200), 2.0, 0.5)
    return health
