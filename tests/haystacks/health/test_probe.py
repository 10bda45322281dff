"""Probes find out whether what was ejected is back."""

from __future__ import annotations

import asyncio

import pytest

from haystacks.health.probe import probe, probing
from haystacks.pool import Tolerance
from tests.haystacks.walked import Walks, candidate, walks
from tests.standin import Answer, StandIn, Status

PROBED = Tolerance(failures=1, probe=10)


async def ejected(walk: Walks, upstream: StandIn, health: Tolerance = PROBED) -> None:
    with pytest.raises(Exception, match="scripted failure"):
        await walk(candidate(url=upstream.url, health=health))


async def test_one_token_that_is_answered_ends_an_ejection_before_its_time() -> None:
    async with StandIn([Status(500), Answer()]) as upstream, walks() as walk:
        at = candidate(url=upstream.url, health=PROBED)
        await ejected(walk, upstream)
        assert walk.health.closed(at)
        await probe(walk.health, at, walk.send)
        assert walk.health.closed(at) == ""
    assert upstream.requests[-1].body["max_tokens"] == 1
    assert upstream.requests[-1].model == "m"


async def test_a_probe_that_fails_leaves_it_ejected() -> None:
    async with StandIn([Status(500)]) as upstream, walks() as walk:
        at = candidate(url=upstream.url, health=PROBED)
        await ejected(walk, upstream)
        await probe(walk.health, at, walk.send)
        assert walk.health.closed(at)


async def test_each_interval_has_one_probe_until_one_is_answered() -> None:
    async with (
        StandIn([Status(500), Status(500), Status(500), Answer()]) as upstream,
        walks() as walk,
    ):
        at = candidate(url=upstream.url, health=PROBED)
        await ejected(walk, upstream)
        over = asyncio.Event()

        async def tick(_seconds: float) -> None:
            await asyncio.sleep(0.001)
            if not walk.health.closed(at):
                over.set()
            elif len(upstream.requests) == int((walk.clock.now - 1000) / 10) + 1:
                walk.clock.now += 1.0  # every probe that is due has come

        task = asyncio.create_task(probing(walk.health, lambda: [at.haystack], walk.send, tick))
        await asyncio.wait_for(over.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(upstream.requests) == 4
    assert 1030 <= walk.clock.now <= 1031


async def test_a_haystack_that_sets_no_probes_gets_none() -> None:
    async with StandIn([Status(500)]) as upstream, walks() as walk:
        at = candidate(url=upstream.url, health=Tolerance(failures=1))
        await ejected(walk, upstream, at.haystack.health)
        looks = 0

        async def tick(_seconds: float) -> None:
            nonlocal looks
            looks += 1
            walk.clock.now += 100
            await asyncio.sleep(0)
            if looks == 5:
                raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await probing(walk.health, lambda: [at.haystack], walk.send, tick)
    assert len(upstream.requests) == 1
