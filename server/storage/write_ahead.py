"""SQLite's write-ahead log, in which readers and a writer don't wait for one another."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

# Together the wait that any other lock gets: see PATIENCE_SECONDS of the database.
_TRIES: Final = 500
_PAUSE_SECONDS: Final = 0.01


async def write_ahead(file: Path) -> None:
    """Make the database of this file keep one; it stays so for all who open it later.

    Of several processes that make the same file at once, SQLite refuses all but one at
    once, without the wait that it has for every other lock; so they ask again.
    A file that can't be made so is left for the first statement to complain of.
    """
    for _ in range(_TRIES):
        if await asyncio.to_thread(_made, file):
            return
        await asyncio.sleep(_PAUSE_SECONDS)


def _made(file: Path) -> bool:
    """Tell whether there is nothing to ask again."""
    try:
        with closing(sqlite3.connect(file, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    except sqlite3.DatabaseError:
        return True  # no database at all, which opening it says better
    return True
