"""The database of either kind: migrated, in transactions, for several processes at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, select, text, update
from sqlalchemy.exc import IntegrityError

from server.home import shipped
from server.storage.database import Database, StorageGone
from server.storage.migrate import HEAD, migrate, upgrade
from server.storage.place import database_url, state_folder
from server.storage.tables import METADATA, requests
from tests.server.storage.rows import add, counted, row


@pytest.mark.parametrize("make", [migrate, upgrade])
def test_a_database_has_what_the_tables_say_whether_it_is_new_or_was_migrated(
    url: str, make: Callable[[Connection], None]
) -> None:
    with _connected(url) as connection:
        make(connection)
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert connection.execute(text("SELECT * FROM alembic_version")).all() == [(HEAD,)]


def test_no_word_of_the_tables_is_another_in_a_new_database(tmp_path: Path) -> None:
    made: list[list[str]] = []
    for make in (migrate, upgrade):
        with _connected(f"sqlite:///{tmp_path / make.__name__}") as connection:
            make(connection)
            told = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql > ''"))
            made.append(sorted(" ".join(row.sql.split()) for row in told))
    assert made[0] == made[1]


def test_the_version_that_the_code_looks_for_is_that_of_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "server.storage:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


async def test_several_that_begin_at_once_make_the_tables_once(url: str) -> None:
    every = [Database(url) for _ in range(4)]
    await asyncio.gather(*(database.start() for database in every))
    assert [database.trouble() for database in every] == [""] * 4
    await asyncio.gather(*(add(database, str(n)) for n, database in enumerate(every)))
    assert await counted(every[0]) == 4
    for database in every:
        await database.close()


async def test_who_asks_for_what_no_text_can_hold_finds_nothing(url: str) -> None:
    database = Database(url)
    async with database.reading() as connection:
        asked = select(requests).where(requests.c.id.in_(["a\0"]), requests.c.id < "b\0")
        assert (await connection.execute(asked)).all() == []
    await database.close()


async def test_an_error_does_not_quote_what_was_to_be_stored(url: str) -> None:
    database = Database(url)
    await add(database, "secret")
    with pytest.raises(IntegrityError) as error:
        await add(database, "secret")
    assert "parameters hidden" in str(error.value)
    await database.close()


async def test_nobody_else_on_the_machine_reads_what_is_stored(tmp_path: Path) -> None:
    database = Database(database_url(tmp_path / "state", ""))
    await database.start()
    await add(database, "a")
    files = list((tmp_path / "state").iterdir())
    assert len(files) == 3, "the database, its log and its index"
    assert {file.stat().st_mode & 0o077 for file in files} == {0}
    await database.close()


async def test_a_transaction_that_fails_leaves_nothing(url: str) -> None:
    database = Database(url)

    async def fail() -> None:
        async with database.writing() as connection:
            await connection.execute(requests.insert().values(row("a")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await counted(database) == 0
    assert database.trouble() == "", "it was not the database's fault"
    await database.close()


async def test_what_is_written_is_there_after_a_restart(url: str) -> None:
    for name in ("a", "b"):
        database = Database(url)
        await database.start()
        await add(database, name)
        await database.close()
    database = Database(url)
    assert await counted(database) == 2
    await database.close()


async def test_no_write_of_many_at_once_is_lost(url: str) -> None:
    database = Database(url)
    await add(database, "a")

    async def one_more() -> None:
        async with database.writing() as connection:
            found = await connection.execute(select(requests.c.input).with_for_update())
            await connection.execute(update(requests).values(input=found.scalar_one() + 1))

    await asyncio.gather(*(one_more() for _ in range(20)))
    async with database.reading() as connection:
        assert (await connection.execute(select(requests.c.input))).scalar_one() == 20
    await database.close()


async def test_a_database_that_was_emptied_is_made_anew(url: str) -> None:
    database = Database(url)
    await add(database, "a")
    async with database.writing() as connection:
        await connection.run_sync(METADATA.drop_all)
        await connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(StorageGone):
        await add(database, "b")
    await add(database, "c")
    assert await counted(database) == 1
    await database.close()


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite", "nothing at all"])
def test_a_url_of_no_database_that_is_known_is_an_error(url: str) -> None:
    with pytest.raises(ValueError, match="it "):
        Database(url)


def test_state_is_in_the_home_unless_it_is_not_ours_to_write_to(tmp_path: Path) -> None:
    assert state_folder(tmp_path, "") == tmp_path / "state"
    assert state_folder(tmp_path, "elsewhere") == tmp_path / "elsewhere"
    assert state_folder(tmp_path, "/var/lib/x") == Path("/var/lib/x")
    assert shipped() not in state_folder(shipped(), "").parents
    assert database_url(tmp_path, "") == f"sqlite:///{tmp_path}/rolegraph.db"
    assert database_url(tmp_path, "postgresql://x") == "postgresql://x"


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    at = make_url(url)
    if at.get_backend_name() == "postgresql":
        at = at.set(drivername="postgresql+psycopg")
    else:
        Path(str(at.database)).parent.mkdir(exist_ok=True)
    engine = create_engine(at)
    with engine.begin() as connection:
        yield connection
    engine.dispose()
