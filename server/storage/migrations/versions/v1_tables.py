"""The first tables: requests, files and batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "requests",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("surface", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("concept", sa.Text, nullable=False),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("haystack", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("stream", sa.Boolean, nullable=False),
        sa.Column("session", sa.Text, nullable=False),
        sa.Column("input", sa.BigInteger, nullable=False),
        sa.Column("output", sa.BigInteger, nullable=False),
        sa.Column("cache_read", sa.BigInteger, nullable=False),
        sa.Column("cache_write", sa.BigInteger, nullable=False),
        sa.Column("reasoning", sa.BigInteger),
        sa.Column("estimated", sa.Boolean, nullable=False),
        sa.Column("nano_usd", sa.BigInteger, nullable=False),
        sa.Column("first_ms", sa.Double),
        sa.Column("total_ms", sa.Double, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("trace", sa.Text),
        sa.Column("content", sa.Text),
    )
    op.create_index("requests_at", "requests", ["at"])
    op.create_index("requests_session", "requests", ["session", "id"])
    op.create_table(
        "files",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mime", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double),
        sa.Column("ready", sa.Boolean, nullable=False),
    )
    op.create_index("files_owner", "files", ["owner", "id"])
    op.create_index("files_ready", "files", ["ready", "created"])
    op.create_index("files_expires", "files", ["expires"])
    op.create_table(
        "batches",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
        sa.Column("canceled_at", sa.Double),
        sa.Column("ended", sa.Double),
        sa.Column("archived", sa.Double),
        sa.Column("processing", sa.Integer, nullable=False),
        sa.Column("succeeded", sa.Integer, nullable=False),
        sa.Column("errored", sa.Integer, nullable=False),
        sa.Column("canceled", sa.Integer, nullable=False),
        sa.Column("expired", sa.Integer, nullable=False),
        sa.Column("native", sa.Text, nullable=False),
        sa.Column("native_id", sa.Text, nullable=False),
        sa.Column("native_due", sa.Double, nullable=False),
    )
    op.create_index("batches_owner", "batches", ["owner", "id"])
    op.create_index("batches_state", "batches", ["state"])
    op.create_table(
        "batch_requests",
        _batch_id(),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("custom_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due", sa.Double, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    processing = sa.text("state = 'processing'")
    op.create_index(
        "batch_requests_due",
        "batch_requests",
        ["due"],
        sqlite_where=processing,
        postgresql_where=processing,
    )
    op.create_table(
        "batch_bodies",
        _batch_id(),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def _batch_id() -> sa.Column[str]:
    batch = sa.ForeignKey("batches.id", ondelete="CASCADE")
    return sa.Column("batch_id", sa.Text, batch, primary_key=True)
