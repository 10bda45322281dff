"""Bring a database to the version of the tables that this code knows."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, inspect, text

# The newest of migrations/versions.
HEAD: Final = "1"

# Any number will do, if it is ours alone in this database.
_LOCK: Final = 0x726F6C65


def migrate(connection: Connection) -> None:
    """Make the missing tables, inside the connection's transaction.

    Of several processes that begin at once, one does it and the others wait.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if inspect(connection).has_table("alembic_version"):
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found == HEAD:
            return
    # A fifth of a second to import, for what is needed once.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", "server.storage:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
