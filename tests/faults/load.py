"""Requests at a steady rate, and what became of each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from tests.running import user


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request: when it was sent (seconds since the first), what came, and how long it took."""

    at: float
    seconds: float
    status: int
    haystack: str
    attempts: int
    text: str


async def steady(
    client: httpx.AsyncClient, *, rate: float, seconds: float, note: Callable[[float], None]
) -> list[Outcome]:
    """Send ``rate`` requests a second for so long; ``note`` is told the time before each."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def ask(number: int) -> Outcome:
        sent = loop.time()
        # Sessions of their own: each is routed anew.
        answer = await client.post("/v1/messages", json=user(f"request {number}"))
        return Outcome(
            at=sent - began,
            seconds=loop.time() - sent,
            status=answer.status_code,
            haystack=answer.headers.get("x-rolegraph-haystack", ""),
            attempts=int(answer.headers.get("x-rolegraph-attempts", "0")),
            text=answer.text,
        )

    asked: list[asyncio.Task[Outcome]] = []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(began + number / rate - loop.time())
        note(loop.time() - began)
        asked.append(asyncio.create_task(ask(number)))
    return await asyncio.gather(*asked)


def statuses(outcomes: list[Outcome]) -> dict[int, int]:
    """Count the outcomes by status."""
    return dict(Counter(outcome.status for outcome in outcomes))
