"""A database in trouble: who asks is told so, and when it is back nobody has to do anything."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from server.storage import database as storage
from server.storage.database import Database, StorageGone
from tests.postgres_server import PostgresServer, needs_postgres
from tests.server.storage.rows import add, counted


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "PATIENCE_SECONDS", 0.2)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of half a megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def test_a_write_while_another_process_has_the_lock_fails_in_time(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    database = Database(f"sqlite:///{file}")
    await add(database, "a")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageGone, match="database is locked") as refused:
            await add(database, "b")
        assert refused.value.status == 503
        assert "locked" in database.trouble()
        assert await counted(database) == 1, "reading goes on"
    await add(database, "b")
    assert database.trouble() == ""
    await database.close()


async def test_a_write_that_waits_too_long_for_another_here_fails_in_time(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    async with database.writing():
        with pytest.raises(StorageGone, match="another write takes too long"):
            await add(database, "b")
    await add(database, "b")
    await database.close()


async def test_who_is_cancelled_inside_a_statement_leaves_no_lock(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    async with database.writing() as connection:
        await connection.exec_driver_sql("CREATE TABLE numbers (n)")
    reached = threading.Event()

    class Telling:
        def __conform__(self, _protocol: object) -> int:
            reached.set()
            return 0

    async def long_write() -> None:
        numbers = [(Telling(),), *((n,) for n in range(100_000))]
        async with database.writing() as connection:
            await connection.exec_driver_sql("INSERT INTO numbers VALUES (?)", numbers)

    task = asyncio.create_task(long_write())
    await asyncio.to_thread(reached.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as kept:  # its traceback holds what was in use
        await task
    await add(database, "after")
    assert kept.value
    async with database.reading() as connection:
        found = await connection.exec_driver_sql("SELECT count(*) FROM numbers")
        assert found.scalar_one() == 0
    await database.close()


async def test_a_file_that_is_deleted_under_way_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "state" / "x.db"
    database = Database(f"sqlite:///{file}")
    await add(database, "a")
    file.unlink()
    with capture_logs() as logs:
        await add(database, "b")
    assert [each["log_level"] for each in logs] == ["error"], "what was lost is told"
    assert file.exists()
    assert await counted(database) == 1
    for each in file.parent.iterdir():
        each.unlink()
    file.parent.rmdir()
    await add(database, "c")
    assert await counted(database) == 1
    await database.close()


async def test_a_full_disk_loses_nothing_that_was_written(small_disk: Path) -> None:
    database = Database(f"sqlite:///{small_disk / 'x.db'}")
    await add(database, "a")
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(bytes(1024 * 1024))

    async def add_many() -> None:
        for n in range(1000):
            await add(database, str(n))

    with pytest.raises(StorageGone, match="full"):
        await add_many()
    before = await counted(database)
    filler.unlink()
    await add(database, "after")
    assert (await counted(database), database.trouble()) == (before + 1, "")
    await database.close()


async def test_a_folder_that_can_not_be_made_keeps_nobody_from_starting(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a folder")
    database = Database(f"sqlite:///{tmp_path / 'state' / 'x.db'}")
    await database.start()
    assert database.trouble()
    with pytest.raises(StorageGone):
        await counted(database)
    (tmp_path / "state").unlink()
    assert await counted(database) == 0
    await database.close()


async def test_a_file_that_is_no_database_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    file.write_text("these are notes of mine, and no database at all" * 100)
    database = Database(f"sqlite:///{file}")
    await database.start()
    assert "not a database" in database.trouble()
    assert file.read_text().startswith("these are notes")
    await database.close()


@needs_postgres
async def test_a_postgresql_that_stops_and_starts_is_found_again(postgres: PostgresServer) -> None:
    database = Database(postgres.fresh("stopping"))
    await add(database, "a")
    postgres.stop()
    try:
        with pytest.raises(StorageGone):
            await counted(database)
        assert database.trouble()
    finally:
        postgres.start()
    assert (await counted(database), database.trouble()) == (1, "")
    await database.close()
