"""A request, candidates at stand-ins, and the walk along them, on a clock of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson

from haystacks.answer import Answer
from haystacks.dialect import Adaptation, Json, TokenEstimate
from haystacks.dialects.table import DIALECTS
from haystacks.failover import OPEN_GATE, Gate, first_answer
from haystacks.health.health import Health
from haystacks.http.client import HttpClient
from haystacks.pool import Candidate, Haystack, Model, Timeouts, Tolerance
from haystacks.request import Request
from haystacks.upstream import Send, sender


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def candidate(
    name: str = "first",
    url: str = "http://127.0.0.1:9",
    *,
    model: str = "m",
    keys: tuple[str, ...] = ("key-1",),
    window: int | None = None,
    health: Tolerance = Tolerance(),  # noqa: B008 - frozen
    timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
    passthrough: bool = False,
) -> Candidate:
    made = Model(model, context_window=window)
    haystack = Haystack(
        name=name,
        service="anthropic-compatible",
        dialect="anthropic",
        location=url,
        keys=keys,
        models=(made,),
        health=health,
        timeouts=timeouts,
        passthrough=passthrough,
    )
    return Candidate(haystack, made)


def request(session: str = "", *, stream: bool = False) -> Request:
    body: Json = {
        "model": "auto",
        "max_tokens": 10,
        "stream": stream,
        "messages": [{"role": "user", "content": "hello"}],
    }
    return Request(
        dialect=DIALECTS["anthropic"],
        body=orjson.dumps(body),
        parsed=body,
        canonical=body,
        adaptation=Adaptation(),
        stream=stream,
        headers={"x-session-id": session} if session else {},
        query="",
        estimate=TokenEstimate(lambda: 1, len),
    )


@dataclass
class Walks:
    """Walks that share their health, as the requests of one server do."""

    send: Send
    clock: Clock = field(default_factory=Clock)
    told: list[bytes] = field(default_factory=list)
    health: Health = field(init=False)

    def __post_init__(self) -> None:
        self.health = Health(self.clock, self.told.append)

    async def __call__(
        self,
        *candidates: Candidate,
        session: str = "",
        stream: bool = False,
        hedge_seconds: float = 0.0,
        gate: Gate = OPEN_GATE,
    ) -> Answer:
        answer = await first_answer(
            request(session, stream=stream),
            candidates,
            self.health,
            self.send,
            gate=gate,
            hedge_seconds=hedge_seconds,
        )
        if answer.stream is not None:
            await answer.stream.flow(lambda _: False)
        error = answer.stream.broken if answer.stream else None
        self.health.finished(answer.candidate, answer.usage(), 1.0, error=error)
        gate.leave(answer.candidate)
        return answer


@asynccontextmanager
async def walks() -> AsyncIterator[Walks]:
    client = HttpClient()
    try:
        yield Walks(sender(client))
    finally:
        await client.close()


def each(function: Callable[[], object], times: int) -> None:
    for _ in range(times):
        function()
