"""The day sent through the whole server, one request after the other, on a clock of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from bench.replay.ask import PATHS, Ask
from bench.replay.client import Heard, post
from bench.replay.clock import Clock
from bench.replay.day import day
from bench.replay.home import snapshot
from bench.replay.policies import POLICIES, Policy
from bench.replay.provider import Charge, Provider
from haystacks.dialects.table import DIALECTS
from haystacks.pool import Candidate
from haystacks.tokens import count_request
from roles.extract import facts_of
from roles.facts import Facts
from roles.filters import unfit
from server.api.completions import Completions
from server.gateway import Gateway
from server.reload_state import first_state
from server.settings import Settings
from server.snapshot import Snapshot

_NO_BOUND: Final = 1 << 40  # bytes: the tokens are counted, not guessed from the length


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request; ``candidate`` is what answered it.

    ``forced``: what answered the conversation's request before it can't take this one.
    """

    ask: Ask
    candidate: Candidate
    forced: bool
    phase: str
    charge: Charge
    heard: Heard


def replay_day(
    policy: str, sessions: int, turns: int, seed: int, *, free: bool = False
) -> list[Outcome]:
    """Replay a day under the policy of that name, in the shipped home; without a word of log."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return asyncio.run(replay(day(sessions, turns, seed), POLICIES[policy], snapshot(free=free)))


async def replay(asks: Iterable[Ask], policy: Policy, served: Snapshot) -> list[Outcome]:
    """Send the day, each request to where the policy wants it, and return what came of it.

    The server is the real one, without its sockets: what a policy chooses is
    asked for by name, what it leaves open is routed. Raises ``RuntimeError``
    for any answer that is none.
    """
    clock = Clock()
    provider = Provider(clock)
    gateway = Gateway(Settings.model_validate({}), served, first_state(served), provider.send)
    endpoints = {name: Completions(gateway, DIALECTS[name]) for name in PATHS}
    outcomes: list[Outcome] = []
    lanes: dict[str, Candidate] = {}
    for ask in asks:
        clock.reach(ask.at)
        provider.answer = ask.answer
        facts = _facts(ask)
        chosen = policy(facts, served.views[served.roles[ask.role].name])
        body = ask.written(str(chosen or ""))
        calls = len(provider.ledger)
        heard = await post(endpoints[ask.dialect], ask.path, ask.headers, body)
        if heard.status != 200 or len(provider.ledger) != calls + 1:
            raise RuntimeError(f"{ask.lane}: {heard.status} {heard.body[:500]!r}")
        charge = provider.ledger[-1]
        haystack = served.haystacks[charge.haystack]
        before = lanes.get(ask.lane)
        lanes[ask.lane] = candidate = Candidate(haystack, haystack.model(charge.model))
        outcomes.append(
            Outcome(
                ask=ask,
                candidate=candidate,
                forced=before is not None and unfit(before, facts) != "",
                phase=heard.headers["x-rolegraph-phase"],
                charge=charge,
                heard=heard,
            )
        )
    return outcomes


def _facts(ask: Ask) -> Facts:
    count = partial(count_request, ask.body)
    return facts_of(ask.body, ask.headers, body_bytes=_NO_BOUND, count=count)
