"""Many rows of a table, written in few statements or in many: as each database's driver likes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

# How many rows may share a statement, the most first; each number is a multiple of the next.
# SQLite's driver lets go of the interpreter, and asks for it again, once for each statement that
# runs: row by row, a writer and a busy server would take turns thousands of times a second. It
# keeps what it has prepared, half a megabyte for a hundred long rows: hence so few sizes.
# PostgreSQL's driver sends row after row without waiting, and is slow to read a long statement.
_TOGETHER: Final = {"sqlite": (100, 10, 1), "postgresql": (1,)}


async def insert_rows(
    connection: AsyncConnection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    conflict: str = "",
) -> None:
    """Insert rows, whose values follow ``columns``, in the connection's transaction.

    Values go to the driver as they are, past the types of the columns: a text from
    outside is to be made ``words`` before. ``conflict`` is the clause about rows that
    are there already; without one they raise ``IntegrityError``.
    """
    done = 0
    for together in _TOGETHER[connection.dialect.name]:
        end = len(rows) - len(rows) % together
        values = [
            tuple(chain.from_iterable(rows[at : at + together]))
            for at in range(done, end, together)
        ]
        if values:
            place = "?" if connection.dialect.name == "sqlite" else "%s"
            row = f"({', '.join([place] * len(columns))})"
            await connection.exec_driver_sql(
                f"INSERT INTO {table.name} ({', '.join(columns)}) "  # noqa: S608 - names of ours alone
                f"VALUES {', '.join([row] * together)} {conflict}",
                values,
            )
        done = end
