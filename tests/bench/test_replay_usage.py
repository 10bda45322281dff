"""What ``rolegraph usage`` says of a replayed day is what its providers charged."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from bench.replay.day import day
from bench.replay.home import snapshot
from bench.replay.policies import POLICIES
from bench.replay.run import Outcome, replay
from server.storage.place import DATABASE
from tests.server.program import invoke


def _told(home: Path, by: str) -> list[dict[str, str]]:
    """Return the rows of the command, whenever the day was."""
    ever = ("--since", "1970-01-01", "--until", "2100-01-01")
    ended = invoke("usage", "--by", by, *ever, "--csv", cwd=home)
    assert ended.returncode == 0, ended.stderr
    return list(csv.DictReader(io.StringIO(ended.stdout)))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    for folder in ("roles", "kg", "state"):
        (home / folder).mkdir()
    return home


@pytest.fixture(scope="module")
def outcomes(home: Path) -> list[Outcome]:
    url = f"sqlite:///{home / 'state' / DATABASE}"
    return asyncio.run(replay(day(4, 4, 3), POLICIES["routed"], snapshot(), database_url=url))


@pytest.mark.parametrize("by", ["model", "haystack,model", "role,day", "concept"])
def test_the_sums_by_anything_are_the_ledgers_to_the_billionth(
    home: Path, outcomes: list[Outcome], by: str
) -> None:
    charged = sum(round(each.charge.usd * 10**9) for each in outcomes)
    rows = _told(home, by)
    assert sum(Decimal(row["usd"]) for row in rows) * 10**9 == charged > 0
    assert sum(int(row["requests"]) for row in rows) == len(outcomes)
    assert {row["failed"] for row in rows} == {"0"}


def test_each_models_cents_are_those_that_its_provider_charged(
    home: Path, outcomes: list[Outcome]
) -> None:
    charged: Counter[tuple[str, str]] = Counter()
    for each in outcomes:
        charged[each.charge.haystack, each.charge.model] += round(each.charge.usd * 10**9)
    rows = _told(home, "haystack,model")
    told = {(row["haystack"], row["model"]): int(Decimal(row["usd"]) * 10**9) for row in rows}
    assert told == charged
    tokens = sum(int(row[kind]) for row in rows for kind in ("input", "cache_read", "cache_write"))
    assert tokens == sum(
        each.charge.usage[f"{kind}_tokens"]
        for each in outcomes
        for kind in ("input", "cache_read_input", "cache_creation_input")
    )
