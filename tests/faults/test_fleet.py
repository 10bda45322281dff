"""Providers that fail for a while, under load: agents notice nothing, and nobody is stormed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from haystacks.health.retry_budget import FLOOR_PER_SECOND, SHARE
from tests.faults.load import Outcome, statuses, steady
from tests.running import Running, make_home, running, user
from tests.standin import Answer, Behaviour, Reset, Seen, StandIn, Status, refused_url

RATE = 200.0

# Seconds that a candidate is left alone before one request tries it again.
PROBE = 0.3
HEALTH = f"health: {{eject: {PROBE}, eject_most: {PROBE}}}\n"


class Provider:
    """A provider whose behaviour a test changes while it runs."""

    def __init__(self) -> None:
        self.now: Behaviour = Answer()

    def __call__(self, _request: Seen) -> Behaviour:
        return self.now


def bounded(calls: int, outcomes: list[Outcome], seconds: float) -> bool:
    """Tell whether no more calls were made than a request each, a fifth more and the floor."""
    return calls <= (1 + SHARE) * len(outcomes) + FLOOR_PER_SECOND * (seconds + 1)


@pytest.mark.parametrize(
    "outage", [Status(503), Status(529), Reset(), Status(500)], ids=["503", "529", "reset", "500"]
)
async def test_an_outage_of_the_best_provider_is_no_clients_concern(
    tmp_path: Path, outage: Behaviour
) -> None:
    first = Provider()
    async with StandIn(first) as best, StandIn([Answer()]) as other:

        def play(at: float) -> None:
            first.now = outage if 0.5 < at < 1.5 else Answer()

        home = make_home(tmp_path, best.url, other.url, more=HEALTH)
        async with running(home) as proxy, proxy.client() as client:
            outcomes = await steady(client, rate=RATE, seconds=3, note=play)
        calls = len(best.requests) + len(other.requests)
    assert statuses(outcomes) == {200: len(outcomes)}
    assert bounded(calls, outcomes, 3)
    # One probe an interval, and those that found out: few, but for what a busy machine holds up.
    during = [each for each in outcomes if 0.6 < each.at < 1.5]
    assert sum(each.attempts - 1 for each in during) <= len(during) / 4
    late = [each.haystack for each in outcomes if each.at > 1.5 + 2 * PROBE]
    assert late.count("first") > 0.9 * len(late)


async def test_a_flapping_provider_costs_no_client_an_answer(tmp_path: Path) -> None:
    first = Provider()
    async with StandIn(first) as best, StandIn([Answer()]) as other:

        def play(at: float) -> None:
            first.now = Status(503) if int(at / 0.2) % 2 else Answer()

        home = make_home(tmp_path, best.url, other.url, more=HEALTH)
        async with running(home) as proxy, proxy.client() as client:
            outcomes = await steady(client, rate=RATE, seconds=2.5, note=play)
        calls = len(best.requests) + len(other.requests)
    assert statuses(outcomes) == {200: len(outcomes)}
    assert bounded(calls, outcomes, 2.5)


async def test_half_of_all_calls_failing_costs_no_client_an_answer(tmp_path: Path) -> None:
    dice = random.Random(7)

    def play(_request: Seen) -> Behaviour:
        return Status(500) if dice.random() < 0.5 else Answer()

    async with StandIn(play) as best, StandIn([Answer()]) as other:
        home = make_home(tmp_path, best.url, other.url, more=HEALTH)
        async with running(home) as proxy, proxy.client() as client:
            outcomes = await steady(client, rate=RATE, seconds=2, note=lambda _: None)
        calls = len(best.requests) + len(other.requests)
    assert statuses(outcomes) == {200: len(outcomes)}
    assert bounded(calls, outcomes, 2)


async def test_when_all_are_down_each_client_is_told_at_once_and_told_to_stop(
    tmp_path: Path,
) -> None:
    home = make_home(tmp_path, refused_url(), refused_url(), more=HEALTH)
    async with running(home) as proxy, proxy.client() as client:
        outcomes = await steady(client, rate=50, seconds=1.5, note=lambda _: None)
        answer = await client.post("/v1/messages", json=user("hello"))
    assert statuses(outcomes) == {503: len(outcomes)}
    assert max(each.seconds for each in outcomes) < 1
    assert answer.headers["x-should-retry"] == "false"
    assert "first,plain-model" in answer.text
    assert "second,plain-model" in answer.text


async def test_when_all_are_rate_limited_the_soonest_return_is_told(tmp_path: Path) -> None:
    slow, sooner = (Status(429, headers={"retry-after": wait}) for wait in ("90", "40"))
    async with StandIn([slow]) as first, StandIn([sooner]) as second:
        home = make_home(tmp_path, first.url, second.url, more=HEALTH)
        async with running(home) as proxy, proxy.client() as client:
            answers = [await client.post("/v1/messages", json=user(f"{n}")) for n in range(5)]
        asked = len(first.requests) + len(second.requests)
    for answer in answers:
        assert answer.status_code == 429
        assert 30 <= float(answer.headers["retry-after"]) <= 40
        assert answer.headers["x-should-retry"] == "false"
    # Who has said when to come back is left alone until then, but for the last that is left.
    assert asked <= 2 + 4


KEYS = "api_key: ${TEST_KEY}\n"
TWO_KEYS = "api_key: ['${KEY_ONE}', '${KEY_TWO}']\n"


def _revoked(key: str) -> StandIn:
    def play(request: Seen) -> Behaviour:
        return Status(401) if request.headers.get("x-api-key") == key else Answer()

    return StandIn(play)


async def _health(proxy: Running) -> str:
    async with proxy.client() as client:
        return (await client.get("/health/detailed")).text


async def test_a_revoked_key_rests_and_the_other_keys_serve_on(tmp_path: Path) -> None:
    async with _revoked("one") as first, StandIn([Answer()]) as other:
        home = make_home(tmp_path, first.url, other.url)
        file = home / "haystacks/first.yaml"
        file.write_text(file.read_text().replace(KEYS, TWO_KEYS))
        environ = {"KEY_ONE": "one", "KEY_TWO": "two", "TEST_KEY": "upstream-key"}
        async with running(home, environ=environ) as proxy, proxy.client() as client:
            outcomes = await steady(client, rate=100, seconds=1, note=lambda _: None)
            health = await _health(proxy)
        refused = [each for each in first.requests if each.headers["x-api-key"] == "one"]
    assert {(each.status, each.haystack) for each in outcomes} == {(200, "first")}
    assert len(refused) < 20
    assert "401" in health
    assert "one" not in health.replace("none", "")


async def test_a_revoked_only_key_is_a_fault_of_ours_that_no_client_sees(tmp_path: Path) -> None:
    async with _revoked("upstream-key") as first, StandIn([Answer()]) as other:
        home = make_home(tmp_path, first.url, other.url)
        async with running(home) as proxy, proxy.client() as client:
            outcomes = await steady(client, rate=100, seconds=1, note=lambda _: None)
            alone = await client.post("/v1/messages", json=user("x", model="first,plain-model"))
    assert {(each.status, each.haystack) for each in outcomes} == {(200, "second")}
    assert alone.status_code == 502
