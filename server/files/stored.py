"""A file as the table has it, and the queries for it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, Update, select, update

from server.storage.tables import files

PREFIX: Final = "file_"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of its owner; ``size`` in bytes, times in seconds of Unix time."""

    id: str
    owner: str
    name: str
    mime: str
    size: int
    created: float
    expires: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as Anthropic's API shows it; unlike there, each can be downloaded again."""
        return {
            "type": "file",
            "id": self.id,
            "filename": self.name,
            "mime_type": self.mime,
            "size_bytes": self.size,
            "created_at": _moment(self.created),
            "expires_at": None if self.expires is None else _moment(self.expires),
            "downloadable": True,
        }


def new_id(now: float) -> str:
    """Return an id that sorts after all older ones, so that a list needs no other order."""
    return f"{PREFIX}{int(now * 1_000_000):014x}{secrets.token_hex(9)}"


def of_owner(owner: str, now: float) -> Select[Any]:
    """Select what an owner has, and what has not expired."""
    living = files.c.expires.is_(None) | (files.c.expires > now)
    return select(files).where(files.c.owner == owner, files.c.ready, living)


def given_up(now: float, unready: float) -> Select[Any]:
    """Select the ids of what nobody can see any more.

    That is what has expired, and what was begun or ended over ``unready`` seconds ago,
    by a process that did not live to finish it.
    """
    left = ~files.c.ready & (files.c.created < now - unready)
    return select(files.c.id).where(left | (files.c.expires <= now))


def turn_ready(file_id: str, *, ready: bool) -> Update:
    """Show a file to its owner, or take it out of sight."""
    return update(files).where(files.c.id == file_id, files.c.ready != ready).values(ready=ready)


def stored(rows: Sequence[Row[Any]]) -> list[StoredFile]:
    """Return the files of rows."""
    return [
        StoredFile(row.id, row.owner, row.name, row.mime, row.size, row.created, row.expires)
        for row in rows
    ]


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
