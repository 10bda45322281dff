"""The database: SQLite in a file, or PostgreSQL, and what becomes of requests without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import structlog
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from haystacks.errors import RolegraphError
from server.storage.migrate import migrate
from server.storage.write_ahead import write_ahead

Dialect = Literal["sqlite", "postgresql"]

# What another writer of the same file, or a new connection, may take.
PATIENCE_SECONDS: Final = 5

_DRIVERS: Final[dict[str, tuple[Dialect, str]]] = {
    "sqlite": ("sqlite", "sqlite+aiosqlite"),
    "postgresql": ("postgresql", "postgresql+psycopg"),
    "postgres": ("postgresql", "postgresql+psycopg"),
}

# These are faults of a statement of ours, and say nothing about the database.
_FAULTS = (IntegrityError, DataError, ProgrammingError)

log = structlog.get_logger("rolegraph")


class StorageGone(RolegraphError):
    """The database can't be used now: full, locked for long, or out of reach."""

    status = 503


class Database:
    """What must last, in SQLite or PostgreSQL; it may be away, and comes back by itself.

    Raises ``ValueError`` for a URL that names neither, or whose driver is not installed.
    """

    def __init__(self, url: str) -> None:
        self._url, self.dialect = _driver(url)
        try:
            self._engine = self._connect()
        except ModuleNotFoundError as error:
            raise ValueError(f"install rolegraph[postgres] for it: {error}") from error
        self._ready = False
        self._opening = asyncio.Lock()
        self._writer = asyncio.Lock()
        self._inode = 0
        self._trouble = ""

    def trouble(self) -> str:
        """Return why it can't be used now; empty where all is well, as far as was tried."""
        return self._trouble

    async def start(self) -> None:
        """Open it, and make the tables that are missing; what fails is tried again when asked."""
        try:
            await self._open()
        except StorageGone:
            return  # trouble() says why, and serving does not depend on it

    async def close(self) -> None:
        """Let go of all connections."""
        await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection that sees one state of the database. Raises ``StorageGone``."""
        await self._open()
        with self._watched():
            async with self._engine.connect() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a transaction that is committed at the end.

        SQLite has one writer, so they wait for one another here, in order; and it
        begins as one, since a reader that becomes a writer may find that it can't.
        Raises ``StorageGone``, and then nothing was written.
        """
        await self._open()
        if self.dialect == "postgresql":
            with self._watched():
                async with self._transaction() as connection:
                    yield connection
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._writer.acquire()
        except TimeoutError:
            raise self._gone("another write takes too long") from None
        try:
            with self._watched():
                async with self._transaction() as connection:
                    yield connection
        finally:
            self._writer.release()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection:
            await connection.execution_options(writing=True)
            async with connection.begin():
                yield connection

    async def _open(self) -> None:
        """Make the database what it should be, unless it is already."""
        if self._ready and self._same_file():
            return
        async with self._opening:
            if self._ready and self._same_file():
                return
            try:
                if self._inode and not self._same_file():
                    log.error("the database was deleted or replaced: it is opened anew")
                with self._watched():
                    await self._engine.dispose()
                    if self._file:
                        self._file.parent.mkdir(parents=True, exist_ok=True)
                        # It holds what was asked; what SQLite makes beside it follows it.
                        self._file.touch(0o600)
                        await write_ahead(self._file)
                    async with self._transaction() as connection:
                        await connection.run_sync(migrate)
                    self._inode = self._file.stat().st_ino if self._file else 0
            except OSError as error:
                raise self._gone(error) from error
            self._ready = True

    @property
    def _file(self) -> Path | None:
        if self.dialect == "sqlite" and (name := self._url.database):
            return Path(name)
        return None

    def _same_file(self) -> bool:
        """Tell whether the file is the one that was opened: SQLite writes on into a deleted one."""
        if self._file is None:
            return True
        try:
            return self._file.stat().st_ino == self._inode
        except OSError:
            return False

    def _connect(self) -> AsyncEngine:
        """Return an engine; it connects when it is first asked."""
        if self.dialect == "postgresql":
            return create_async_engine(
                self._url,
                hide_parameters=True,  # errors go to the log, and what was asked does not
                pool_pre_ping=True,  # after a restart of PostgreSQL all old connections are dead
                pool_timeout=PATIENCE_SECONDS,
                connect_args={"connect_timeout": PATIENCE_SECONDS},
            )
        engine = create_async_engine(
            self._url,
            hide_parameters=True,
            pool_timeout=PATIENCE_SECONDS,
            connect_args={"timeout": PATIENCE_SECONDS},
        )
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
        event.listen(engine.sync_engine, "invalidate", _give_up)
        return engine

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Turn what a database in trouble raises into ``StorageGone``, and remember it."""
        try:
            yield
        except PoolExhausted as error:
            raise self._gone(error) from error
        except DBAPIError as error:
            if _no_table(error.orig):
                self._ready = False
            elif isinstance(error, _FAULTS):
                raise
            raise self._gone(error.orig) from error
        self._trouble = ""

    def _gone(self, reason: object) -> StorageGone:
        """Note a trouble."""
        self._trouble = str(reason).partition("\n")[0]
        return StorageGone(f"the database can't be used now: {self._trouble}")


def _driver(named: str) -> tuple[URL, Dialect]:
    """Return the URL with our driver of the database that it names."""
    try:
        url = make_url(named)
    except ArgumentError as error:
        raise ValueError("it is no URL of a database") from error
    known = _DRIVERS.get(url.get_backend_name())
    if known is None:
        raise ValueError("it must begin with sqlite:/// or postgresql://")
    return url.set(drivername=known[1]), known[0]


def _no_table(error: object) -> bool:
    """Tell whether the database is not the one that was migrated, but an empty one."""
    return "no such table" in str(error) or getattr(error, "sqlstate", "") == "42P01"


def _prepare(connection: Any, _record: object) -> None:
    """Set up one SQLite connection; transactions are begun by ``_begin`` alone."""
    connection.isolation_level = None
    cursor = connection.cursor()
    # With a log ahead of the file, a crash of the process loses nothing;
    # one of the machine may lose the last moments, and nothing older.
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _give_up(connection: Any, _record: object, error: BaseException | None) -> None:
    """End the transaction of whoever was cancelled inside a statement.

    The connection is closed for that. But SQLite keeps it, and its lock, as long as
    a cursor of it is in memory, and the error's traceback has one.
    """
    if isinstance(error, asyncio.CancelledError):
        connection.rollback()


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
