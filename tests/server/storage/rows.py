"""Rows of the table of requests, written and counted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select

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
