"""The write-ahead log: several that make one database at once all come to have it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from server.storage.write_ahead import write_ahead


async def test_who_is_refused_it_at_first_asks_again(tmp_path: Path) -> None:
    file = tmp_path / "rolegraph.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE a (b)")
        other.execute("BEGIN")
        other.execute("SELECT * FROM a").fetchall()  # it reads on, and SQLite refuses at once
        asking = asyncio.create_task(write_ahead(file))
        await asyncio.sleep(0.1)
        assert not asking.done()
        other.execute("COMMIT")
        await asyncio.wait_for(asking, 2)
    assert _mode(file) == "wal"


async def test_it_is_asked_for_once_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "rolegraph.db"
    await asyncio.gather(*(write_ahead(file) for _ in range(8)))
    assert _mode(file) == "wal"


async def test_what_is_no_database_is_left_for_its_opener_to_name(tmp_path: Path) -> None:
    file = tmp_path / "rolegraph.db"
    file.write_text("no database at all, and long enough to be taken for one" * 20)
    await asyncio.wait_for(write_ahead(file), 2)
    assert file.read_text().startswith("no database")


def _mode(file: Path) -> str:
    with closing(sqlite3.connect(file)) as later:
        mode: str = later.execute("PRAGMA journal_mode").fetchone()[0]
    return mode
