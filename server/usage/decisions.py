"""Single requests as they were decided, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Row, select

from haystacks.money import exact
from server.storage.database import Database
from server.storage.tables import requests
from server.usage.date import shown

_LISTED: Final = [each for each in requests.c if each.name not in {"trace", "content"}]
_NAMES: Final = [str(each.name) for each in _LISTED]
# What is told of each.
COLUMNS: Final = (*[name for name in _NAMES if name != "nano_usd"], "usd")


async def page(
    database: Database, *, limit: int, before: str, only: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the newest requests, or those older than ``before``.

    ``only`` are the values that columns must have. Raises ``StorageGone``.
    """
    asked = select(*_LISTED).order_by(requests.c.id.desc()).limit(limit)
    if before:
        asked = asked.where(requests.c.id < before)
    for name, value in only.items():
        asked = asked.where(requests.c[name] == value)
    async with database.reading() as connection:
        return [_told(row) for row in await connection.execute(asked)]


async def decision(database: Database, name: str) -> dict[str, Any] | None:
    """Return one request with its trace, and what was said where that was kept."""
    async with database.reading() as connection:
        found = await connection.execute(select(requests).where(requests.c.id == name))
        row = found.one_or_none()
    if row is None:
        return None
    told = _told(row)
    told["decision"] = orjson.loads(row.trace) if row.trace else None
    if row.content:
        told["content"] = orjson.loads(row.content)
    return told


def _told(row: Row[Any]) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in _NAMES}
    told["at"] = shown(told["at"])
    told["usd"] = exact(told.pop("nano_usd"))
    return told
