"""Bring a database to the version of the tables that this code knows."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    inspect,
    select,
    text,
)

from server.storage.tables import METADATA

# The newest of migrations/versions.
HEAD: Final = "1"

# Any number will do, if it is ours alone in this database.
_LOCK: Final = 0x726F6C65

# As alembic makes it.
_VERSION: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def migrate(connection: Connection) -> None:
    """Make the missing tables, inside the connection's transaction.

    Of several processes that begin at once, one does it and the others wait.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    found = set(inspect(connection).get_table_names())
    if _VERSION.name in found:
        if connection.execute(select(_VERSION.c.version_num)).scalar() != HEAD:
            upgrade(connection)
    elif found.isdisjoint(METADATA.tables):
        # A new one: alembic would take a fifth of a second only to be imported.
        METADATA.create_all(connection, checkfirst=False)
        _VERSION.create(connection)
        connection.execute(_VERSION.insert().values(version_num=HEAD))
    else:
        upgrade(connection)


def upgrade(connection: Connection) -> None:
    """Run the migrations that a database has not seen."""
    from alembic import command  # noqa: PLC0415 - needed once in the life of a version
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", "server.storage:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
