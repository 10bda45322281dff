"""What goes wrong upstream does not end a session of Claude Code, or ends it with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.claude_code import ask, claude_code, first_time
from tests.clients.proxied import DIALECTS, proxied
from tests.running import make_home, running
from tests.standin import Answer, Behaviour, DieMidStream, Seen, StandIn, Status

pytestmark = claude_code


async def test_a_provider_in_trouble_is_replaced_before_it_notices(tmp_path: Path) -> None:
    async with (
        StandIn([Status(529)]) as one,
        StandIn([Answer(text="from the second")]) as two,
        running(make_home(tmp_path / "home", one.url, two.url)) as proxy,
    ):
        ended = await ask(proxy.url, "say hi", tmp_path)
    assert ended.said == "from the second"
    assert len(one.requests) == len(two.requests)
    assert {seen.headers["x-stainless-retry-count"] for seen in two.requests} == {"0"}


@DIALECTS
async def test_a_stream_that_dies_midway_is_asked_for_again(tmp_path: Path, dialect: str) -> None:
    script = first_time(DieMidStream(after=4), Answer(text="whole at last"))
    async with proxied(tmp_path, script, dialect) as (proxy, upstream):
        ended = await ask(proxy.url, "say hi", tmp_path)
    assert (ended.said, ended.failed) == ("whole at last", False)
    assert len(upstream.requests) >= 2


@pytest.mark.parametrize("status", [429, 529])
async def test_it_waits_as_long_as_the_provider_asks(tmp_path: Path, status: int) -> None:
    busy = Status(status, headers={"retry-after": "1"})
    script = first_time(busy, Answer(text="patience"))
    async with proxied(tmp_path, script, role="cheap") as (proxy, upstream):
        ended = await ask(proxy.url, "say hi", tmp_path)
    first, *_, last = upstream.requests
    assert ended.said == "patience"
    assert 1 <= last.arrived_at - first.arrived_at < 5


async def test_it_reads_a_refusal_word_for_word_and_mends_itself_if_it_can(tmp_path: Path) -> None:
    complaint = "context_management: Extra inputs are not permitted"

    def script(seen: Seen) -> Behaviour:
        if "context_management" in seen.body:
            return Status(400, complaint)
        return Answer(text="mended")

    async with (
        StandIn(script) as picky,
        StandIn([Answer()]) as other,
        running(make_home(tmp_path / "home", picky.url, other.url)) as proxy,
    ):
        ended = await ask(proxy.url, "say hi", tmp_path)
    # Some versions only show it.
    assert ended.said == "mended" or (ended.failed and complaint in ended.said)
    assert other.requests == [], "a 400 must not fail over"


async def test_when_all_providers_fail_it_ends_at_once_with_every_reason(tmp_path: Path) -> None:
    async with (
        StandIn([Status(529, "full")]) as one,
        StandIn([Status(500, "broken")]) as two,
        running(make_home(tmp_path / "home", one.url, two.url)) as proxy,
    ):
        ended = await ask(proxy.url, "say hi", tmp_path)
    assert ended.failed
    assert "first,plain-model: full; second,plain-model: broken" in ended.said
    assert len(one.requests) == 1
