"""What alembic runs for each migration: on the connection that it is given."""

from __future__ import annotations

from alembic import context

from server.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite has it too: a migration is there as a whole, or not at all.
    transactional_ddl=True,
)
context.run_migrations()
