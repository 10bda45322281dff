"""A real PostgreSQL in a folder of its own, that can be stopped and started anew."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql


def _program(name: str) -> str | None:
    """Return a program of PostgreSQL; Debian keeps them out of the way."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or next(map(str, reversed(installed)), None)


INITDB, PG_CTL = _program("initdb"), _program("pg_ctl")
# PostgreSQL refuses to run as root.
_USER = "nobody" if os.name == "posix" and os.geteuid() == 0 else None

needs_postgres = pytest.mark.skipif(
    INITDB is None or PG_CTL is None, reason="PostgreSQL is not installed"
)


class PostgresServer:
    """One database cluster, reached through a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self.url = self._url("postgres")

    def make(self) -> None:
        """Make the cluster."""
        if _USER:
            shutil.chown(self._folder, _USER)
        _run(INITDB, "-D", self._data, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C")

    def start(self) -> None:
        """Start it, and return when it answers."""
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off"
        _run(PG_CTL, "-D", self._data, "-l", self._folder / "log", "-o", options, "-w", "start")

    def fresh(self, name: str) -> str:
        """Return the URL of a new, empty database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"postgresql://{_USER or getpass.getuser()}@/{database}?host={self._folder}"

    def stop(self) -> None:
        """End it, and every connection with it."""
        _run(PG_CTL, "-D", self._data, "-m", "fast", "-w", "stop")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run one until the block ends; a socket's path must be short, so not below pytest's."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = PostgresServer(Path(folder))
        server.make()
        server.start()
        try:
            yield server
        finally:
            if (Path(folder) / "data" / "postmaster.pid").exists():
                server.stop()


def _run(*command: str | Path | None) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(
        words, user=_USER, cwd="/", capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
