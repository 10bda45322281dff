"""Active probes: a request of one token finds out whether what was ejected is back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import orjson

from haystacks.attempt import attempt
from haystacks.dialect import Adaptation, Json, TokenEstimate
from haystacks.dialects.table import DIALECTS
from haystacks.errors import BadRequest, UpstreamError, UpstreamTimeout
from haystacks.health.health import Health
from haystacks.pool import Candidate, Haystack
from haystacks.request import Request
from haystacks.upstream import Send

TICK: Final = 1.0
"""Seconds between two looks at what is due; no interval is kept more exactly."""

PATIENCE: Final = 10.0
"""Seconds for one token. What takes longer is not back yet."""


async def probing(
    health: Health,
    haystacks: Callable[[], Iterable[Haystack]],
    send: Send,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Probe for ever: of each haystack with an interval, all that is ejected, one call at a time.

    ``haystacks`` returns those that serve now.
    """
    due: dict[tuple[str, str], float] = {}
    under_way: set[tuple[str, str]] = set()

    async def ask(candidate: Candidate) -> None:
        try:
            await probe(health, candidate, send)
        finally:
            under_way.discard(candidate.key)

    async with asyncio.TaskGroup() as tasks:
        while True:
            now = health.clock()
            ejected = {
                candidate.key: candidate
                for haystack in haystacks()
                if haystack.health.probe and not haystack.inactive
                for candidate in health.ejected(haystack)
            }
            due = {
                key: due.get(key, now + each.haystack.health.probe) for key, each in ejected.items()
            }
            for key, candidate in ejected.items():
                if due[key] <= now and key not in under_way:
                    due[key] = now + candidate.haystack.health.probe
                    under_way.add(key)
                    tasks.create_task(ask(candidate))
            await sleep(TICK)


async def probe(health: Health, candidate: Candidate, send: Send) -> None:
    """Ask a candidate for one token, and tell health what came of it."""
    call = health.begin(candidate, resting=True)
    if call is None:
        return
    try:
        async with asyncio.timeout(PATIENCE):
            await attempt(_one_token(candidate), candidate, call.key, send)
    except TimeoutError:
        health.failed(call, UpstreamTimeout("no token within the time of a probe"))
    except (BadRequest, UpstreamError) as error:
        health.failed(call, error)
    except BaseException:
        health.abandoned(call)
        raise
    else:
        health.answered(call)
        health.dropped(candidate)


def _one_token(candidate: Candidate) -> Request:
    body: Json = {
        "model": candidate.model.id,
        "max_tokens": 1,
        "messages": [{"role": "user", "content": "hi"}],
    }
    return Request(
        dialect=DIALECTS["anthropic"],
        body=orjson.dumps(body),
        parsed=body,
        canonical=body,
        adaptation=Adaptation(),
        stream=False,
        headers={},
        query="",
        estimate=TokenEstimate(lambda: 1, len),
    )
