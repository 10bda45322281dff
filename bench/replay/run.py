"""The day sent through the whole server, one request after the other, on a clock of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from bench.replay.ask import PATHS, Ask
from bench.replay.client import Heard, post
from bench.replay.clock import Clock
from bench.replay.pace import PacedHealth
from bench.replay.policies import Policy
from bench.replay.provider import Charge, Provider
from haystacks.dialects.table import DIALECTS
from haystacks.local import LocalShared
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


async def replay(
    asks: Iterable[Ask], policy: Policy, served: Snapshot, *, database_url: str = ""
) -> list[Outcome]:
    """Send the day, each request to where the policy wants it, and return what came of it.

    The server is the real one, without its sockets: what a policy chooses is
    asked for by name, what it leaves open is routed. Usage is written down where
    ``database_url`` is given. Raises ``RuntimeError`` for any answer that is none.
    """
    clock = Clock()
    provider = Provider(clock)
    gateway = Gateway(
        Settings.model_validate({"database_url": database_url}),
        served,
        first_state(served),
        provider.send,
        shared=LocalShared(clock),
        clock=clock,
    )
    gateway.health = PacedHealth(clock)
    if database_url:
        gateway.usage.start()
    endpoints = {name: Completions(gateway, DIALECTS[name]) for name in PATHS}
    outcomes: list[Outcome] = []
    lanes: dict[str, Candidate] = {}
    for ask in asks:
        clock.reach(ask.at)
        provider.answer = ask.answer
        body = ask.written()
        facts = _facts(ask, len(body))
        chosen = policy(facts, served.views[served.roles[ask.role].name])
        if chosen:
            body = ask.written(str(chosen))
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
    gateway.ledger.flush()
    await gateway.usage.close()
    await gateway.database.close()
    return outcomes


def _facts(ask: Ask, body_bytes: int) -> Facts:
    count = partial(count_request, ask.body)
    return facts_of(ask.body, ask.headers, body_bytes=body_bytes, count=count)
