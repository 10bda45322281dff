"""One request and what outlives it: its session, its money, its limits, its model's health."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace
from typing import Final

from haystacks.answer import Failure
from haystacks.dialect import Json
from haystacks.dialects.anthropic.thinking_history import holds, is_thought
from haystacks.errors import BudgetExceeded, rule_of
from haystacks.limits import Entry
from haystacks.pool import Candidate, Haystack
from haystacks.prices import charged
from haystacks.shared import Kind
from roles.budget import Allowance
from roles.decision import Decision
from roles.estimate import reserve_estimate
from roles.facts import Facts
from roles.lane import Ending, How
from roles.live import AT_REST, Live, everything_open
from roles.role import Role
from roles.route import route
from roles.session import Session, answered, begun, storage_key
from roles.session_json import SESSIONS
from roles.view import View
from server.budgets import Hold
from server.custom_router import rerouted
from server.gateway import Gateway
from server.key_limits import admit_key
from server.keys import ClientKey
from server.record import Outcome, Record

# Which session a decision belongs to, for whoever judges it.
DECISIONS: Final = Kind("decision", SESSIONS.seconds, str.encode, bytes.decode)

_HOW: Final[dict[Outcome, How]] = {"ok": "ok", "client_left": "left"}


class Moment:
    """Looks before a decision how things stand, and tells afterwards how it went.

    ``look``, ``decide`` and ``begin``, and at the end of whatever became of it, ``end``.
    The first two change nothing. A request of a ``batch`` belongs to no session, and
    leaves some of the limits to others.
    """

    __slots__ = (
        "_client",
        "_entry",
        "_facts",
        "_gateway",
        "_hold",
        "_key",
        "_live",
        "_view",
        "batch",
        "gate",
        "snapshot",
    )

    _facts: Facts
    _view: View

    def __init__(self, gateway: Gateway, *, batch: bool = False) -> None:
        self._gateway = gateway
        self.batch = batch
        self.gate = gateway.batch_gate if batch else gateway.gate
        self.snapshot = gateway.snapshot
        self._client: ClientKey | None = None
        self._key = ""
        self._live = AT_REST
        self._entry: Entry | None = None
        self._hold: Hold | None = None

    async def look(self, facts: Facts, view: View, client: ClientKey | None) -> Live:
        """Return how things stand for the request."""
        gateway = self._gateway
        self._facts, self._view, self._client = facts, view, client
        name = client.name if client else ""
        self._key = storage_key(view.role.handle, name, facts.session)
        now = gateway.clock()
        session: Session | None = None
        if not self.batch:
            session = await gateway.shared.read(SESSIONS, self._key)
        all_open = gateway.health.all_well and self.gate.has_room
        self._live = Live(
            now=now,
            session=session,
            allowance=await gateway.budgets.allowance(self._view.role, client, now),
            closed=everything_open if all_open else self._closed,
            measures=gateway.health.measures,
            chance=random.random(),  # noqa: S311 - for exploring, not for secrets
            key=name,
        )
        return self._live

    async def decide(self, *, aside: bool = False) -> Decision:
        """Return what routing decides, or what the home's router makes of it.

        With ``aside`` in a thread. Raises as ``route`` does.
        """
        facts, view, live = self._facts, self._view, self._live
        if aside:
            decision = await asyncio.to_thread(route, facts, view, live)
        else:
            decision = route(facts, view, live)
        router = self.snapshot.router
        if router is None or (live.session and live.session.going_on(facts)):
            return decision
        limit = self._gateway.settings.router_ms / 1000
        return await rerouted(router, facts, decision, view, live, limit=limit)

    async def begin(self, decision: Decision) -> Decision:
        """Let the request in, set money aside for it, and begin what was decided.

        Where another process has begun the same turn meanwhile, its model stands.
        Raises ``LimitReached`` and ``BudgetExceeded``.
        """
        facts, view = self._facts, self._view
        self._entry = await admit_key(self._gateway.limiter, self._client, facts.tokens)
        decision = await self._affordable(decision)
        live = self._live  # with what is left of the money, now that some was set aside
        if self.batch:
            return decision
        session = await self._gateway.shared.change(
            SESSIONS, self._key, lambda known: begun(known, facts, decision, live.now, live.key)
        )
        lane = session.going_on(facts) if session else None
        elsewhere = lane is not None and lane.turn.candidate != decision.candidates[0].key
        if elsewhere and decision.phase != "explicit":
            return route(facts, view, replace(live, session=session))
        return decision

    async def thought_by(self, canonical: Json) -> tuple[Haystack, ...]:
        """Return the haystacks whose thoughts the request's history holds, or may hold.

        Each role has its own session, but a conversation goes on where its user changes roles.
        """
        if self.batch or not holds(canonical, is_thought):
            return ()
        names: set[str] = set()
        # One after the other: in memory none waits, and a task for each would cost more.
        for view in self.snapshot.views.values():
            session = await self._session_in(view.role)
            lane = session.lanes.get(self._facts.conversation) if session else None
            if lane is not None:
                names.update(map(str.lower, lane.thought_by))
        known = self._view.offer.known
        return tuple([known[name] for name in sorted(names) if name in known])

    async def end(self, record: Record) -> None:
        """Tell everybody how it went, whatever became of the request."""
        gateway, answer = self._gateway, record.answer
        usage, cost = record.usage, 0.0
        if answer is not None:
            # A model is not to blame for the time that others took before it, or the client.
            began = record.asked + answer.waited
            seconds = time.perf_counter() - began
            first = record.first_byte - began if record.stream else None
            gateway.health.finished(answer.candidate, usage, seconds, first, record.error)
            if usage and (price := answer.candidate.model.price):
                cost = record.cost = charged(price, usage)
            self.gate.leave(answer.candidate, usage.total if usage else None, cost)
        if self._entry is not None:
            used = usage.total if usage else None if record.attempts else 0
            self._entry.leave(used, cost)
        # Of an answer that nobody can measure, what was set aside counts as its cost.
        if self._hold is not None:
            self._hold.settle(None if answer and usage is None else cost)
        if not self.batch:
            await self._remember(record)

    async def _affordable(self, decision: Decision) -> Decision:
        """Set aside what the request may cost; return a decision that the money is enough for."""
        role, client, live = self._view.role, self._client, self._live
        if role.budget is None and (client is None or client.budget is None):
            return decision
        budgets, facts = self._gateway.budgets, self._facts
        estimate = reserve_estimate(facts, decision.candidates[0], live)
        try:
            self._hold = await budgets.hold(role, client, live.now, estimate)
        except BudgetExceeded as short:
            own = (role.budget, client and client.budget)
            if any(budget.when_spent == "refuse" for budget in own if budget):
                raise
            spent = Allowance(0.0, short.message, free_only=True, held=short.held)
            self._live = replace(live, allowance=spent)
            decision = route(facts, self._view, self._live)
            self._hold = await budgets.hold(role, client, live.now, 0.0)
        return decision

    async def _remember(self, record: Record) -> None:
        """Tell the session; a request that was refused teaches it nothing about a model."""
        answer, decision = record.answer, record.decision
        if decision is None or not record.attempts or record.outcome == "refused":
            return
        candidate = answer.candidate if answer else decision.candidates[0]
        failures = answer.failures if answer else ()
        ending = Ending(
            how=_HOW.get(record.outcome, "failed"),
            began=self._live.now,
            stop_reason=record.usage.stop_reason if record.usage else "",
            failed=tuple([each.candidate.key for each in failures if _at_fault(each)]),
            decision_id=record.request_id if answer else "",
        )
        facts, usage, now = self._facts, record.usage, self._gateway.clock()
        shared = self._gateway.shared
        await shared.change(
            SESSIONS,
            self._key,
            lambda known: answered(known, facts, candidate, ending, usage, now),
        )
        if answer:
            self._gateway.recent.keep(DECISIONS, record.request_id, self._key)

    async def _session_in(self, role: Role) -> Session | None:
        key = storage_key(role.handle, self._live.key, self._facts.session)
        return await self._gateway.shared.read(SESSIONS, key)

    def _closed(self, candidate: Candidate) -> str:
        return self._gateway.health.closed(candidate) or self.gate.full(candidate.haystack)


def _at_fault(failure: Failure) -> bool:
    """Tell whether a failure speaks against the model, as a rate limit or a lost race does not."""
    return failure.called and rule_of(failure.error).blamed != "nobody"
