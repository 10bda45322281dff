"""Rows of the table of requests, written and counted; and statements that write any rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, func, insert, select

from server.storage.database import Database
from server.storage.tables import requests


def row(name: str) -> dict[str, Any]:
    """Return a row that holds next to nothing."""
    types = {each.name: getattr(each.type, "impl", each.type) for each in requests.columns}
    return {**{column: kind.python_type() for column, kind in types.items()}, "id": name}


async def add(database: Database, name: str) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(requests), [row(name)])


async def counted(database: Database) -> int:
    async with database.reading() as connection:
        found = await connection.execute(select(func.count()).select_from(requests))
    return int(found.scalar_one())


@contextmanager
def insertions() -> Iterator[list[str]]:
    """Give a list that gets the text of each insertion as often as it is executed."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *told: Any) -> None:
        values, _context, many = told
        if statement.startswith("INSERT"):
            seen.extend([statement] * (len(values) if many else 1))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
