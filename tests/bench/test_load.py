"""The load generator counts what it is sent, and takes no failure for an answer."""

from __future__ import annotations

import asyncio

import pytest

from bench.load import Report, load, quantile_us, request
from bench.upstream import Answers, Provider, anthropic_events, chunks
from tests.standin import Answer, Behaviour, DieMidStream, Raw, StandIn, Status

STREAM = b'{"model":"m","stream":true}'
WHOLE = b'{"model":"m"}'


async def run(url: str, body: bytes, count: int = 6) -> Report:
    target = f"{url}/v1/messages"
    return await load(target, [request(target, body)], concurrency=2, count=count)


async def test_every_event_of_the_fast_stand_in_is_counted() -> None:
    answers = Answers(b"", chunks(anthropic_events(20)))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Provider(answers, answers, 0), "127.0.0.1", 0)
    async with server:
        report = await run(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", STREAM)
    assert (report.requests, report.errors) == (6, 0)
    assert report.events == 6 * len(list(anthropic_events(20)))
    assert 0 < report.first_event_p50_us <= report.p50_us <= report.p99_us


@pytest.mark.parametrize("body", [WHOLE, STREAM])
async def test_connections_are_kept_and_bytes_counted(body: bytes) -> None:
    async with StandIn() as upstream:
        report = await run(upstream.url, body)
        assert {seen.connection for seen in upstream.requests} <= {0, 1}
    assert (report.requests, report.errors, report.bytes > 1000) == (6, 0, True)


@pytest.mark.parametrize(
    "behaviour",
    [Status(500), DieMidStream(2), DieMidStream(2, clean=True), Raw(b"HTTP/1.1 200 OK\r\n")],
)
async def test_a_failed_or_cut_answer_is_an_error(behaviour: Behaviour) -> None:
    async with StandIn([behaviour, Answer()]) as upstream:
        report = await run(upstream.url, STREAM)
    assert report.errors == 1


def test_a_quantile_is_one_of_the_times() -> None:
    assert quantile_us([], 0.5) == 0
    assert quantile_us([3e-6], 0.99) == 3
    assert quantile_us([n * 1e-6 for n in range(100)], 0.99) == 99
