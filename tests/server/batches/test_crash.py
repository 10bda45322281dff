"""Killed servers lose no accepted request, and repeat no more than those in flight."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres_server import needs_postgres
from tests.server.batches.crashing import CONCURRENCY, FAILS_EACH, crash, databases

REQUESTS, KILLS = 240, 2


@pytest.mark.parametrize(
    ("database", "replicas"),
    [("sqlite", 1), pytest.param("postgresql", 2, marks=needs_postgres)],
)
async def test_a_killed_server_loses_nothing_and_repeats_only_what_was_in_flight(
    tmp_path: Path, database: str, replicas: int
) -> None:
    with databases(database) as url:
        report = await crash(tmp_path, REQUESTS, KILLS, replicas, url, delay=0.02)
    wrong = {f"id-{number}" for number in range(0, REQUESTS, FAILS_EACH)}
    assert report.results == {
        f"id-{number}": "errored" if f"id-{number}" in wrong else "succeeded"
        for number in range(REQUESTS)
    }
    assert report.counts["errored"] == len(wrong)
    assert report.counts["succeeded"] == REQUESTS - len(wrong)
    assert sorted(report.asked) == list(range(REQUESTS))
    assert report.repeated <= KILLS * CONCURRENCY
    assert max(report.resident) - min(report.resident) < 60 << 20
