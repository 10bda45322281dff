"""Each test of both databases gets an empty one of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.postgres_server import PostgresServer, needs_postgres, postgres_server

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'rolegraph.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.fresh(f"test{next(_NUMBERS)}")
