"""Many rows at once: all of them or none, and on SQLite without a turn of its own for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from server.storage.database import Database
from server.storage.rows import insert_rows
from server.storage.tables import requests
from tests.server.storage.rows import counted, insertions, row

COLUMNS = tuple(row(""))


async def _insert(database: Database, *names: str, conflict: str = "", model: str = "") -> None:
    rows = [tuple({**row(name), "model": model}.values()) for name in names]
    async with database.writing() as connection:
        await insert_rows(connection, requests, COLUMNS, rows, conflict)


async def _models(database: Database) -> list[tuple[str, str]]:
    query = select(requests.c.id, requests.c.model).order_by(requests.c.id)
    async with database.reading() as connection:
        return [(each.id, each.model) for each in await connection.execute(query)]


async def test_however_many_rows_there_are_each_is_written_once(url: str) -> None:
    database = Database(url)
    written = 0
    for number in (0, 1, 9, 10, 11, 99, 100, 101, 237):
        await _insert(database, *(f"{number}-{n}" for n in range(number)))
        written += number
        assert await counted(database) == written
    await database.close()


async def test_one_row_that_can_not_be_written_leaves_none(url: str) -> None:
    database = Database(url)
    names = [str(n) for n in range(237)]
    with pytest.raises(IntegrityError):
        await _insert(database, *names, names[0])
    assert await counted(database) == 0
    await database.close()


async def test_the_values_are_those_of_their_columns_whatever_the_order(url: str) -> None:
    database = Database(url)
    rows = [tuple(reversed({**row(name), "model": f"m-{name}"}.values())) for name in "ab"]
    async with database.writing() as connection:
        await insert_rows(connection, requests, COLUMNS[::-1], rows)
    assert await _models(database) == [("a", "m-a"), ("b", "m-b")]
    await database.close()


async def test_rows_that_are_there_are_left_or_replaced_as_the_clause_says(url: str) -> None:
    database = Database(url)
    await _insert(database, "a", model="first")
    await _insert(database, "a", "b", model="second", conflict="ON CONFLICT DO NOTHING")
    assert await _models(database) == [("a", "first"), ("b", "second")]
    replacing = "ON CONFLICT (id) DO UPDATE SET model = excluded.model"
    await _insert(database, "a", "b", "c", model="third", conflict=replacing)
    assert await _models(database) == [(name, "third") for name in "abc"]
    await database.close()


async def test_sqlite_is_asked_once_for_many_rows_and_in_few_words(tmp_path: Path) -> None:
    """Each execution waits for a busy server, and each new statement is kept prepared."""
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    await database.start()
    texts: set[str] = set()
    for number in range(0, 500, 7):
        with insertions() as seen:
            await _insert(database, *(f"{number}-{n}" for n in range(number)))
        assert len(seen) <= number / 100 + 18
        texts.update(seen)
    assert len(texts) <= 3
    await database.close()
