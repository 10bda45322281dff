"""The tables, as SQLAlchemy Core describes them; ``migrations`` makes them.

Times are seconds of Unix time, in UTC; money is whole billionths of a dollar.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

METADATA: Final = MetaData()

requests = Table(
    "requests",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("at", Double, nullable=False),
    Column("surface", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("concept", Text, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("haystack", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("stream", Boolean, nullable=False),
    Column("session", Text, nullable=False),
    Column("input", BigInteger, nullable=False),
    Column("output", BigInteger, nullable=False),
    Column("cache_read", BigInteger, nullable=False),
    Column("cache_write", BigInteger, nullable=False),
    Column("reasoning", BigInteger),  # NULL: the provider doesn't tell
    Column("estimated", Boolean, nullable=False),
    Column("nano_usd", BigInteger, nullable=False),
    Column("first_ms", Double),
    Column("total_ms", Double, nullable=False),
    Column("error", Text, nullable=False),
    Column("trace", Text),
    Column("content", Text),
    # The newest first is how they are read; one second may hold many.
    Index("requests_at", "at", "id"),
    Index("requests_session", "session", "at"),
)

files = Table(
    "files",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("mime", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created", Double, nullable=False),
    Column("blob", Text, nullable=False),
    Column("downloadable", Boolean, nullable=False),
    Index("files_owner", "owner", "created", "id"),
)

batches = Table(
    "batches",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("ended", Double),
    Column("cancelled_at", Double),
    Column("total", Integer, nullable=False),
    Column("native", Text),
    Index("batches_owner", "owner", "created", "id"),
    Index("batches_state", "state", "created"),
)

batch_requests = Table(
    "batch_requests",
    METADATA,
    Column("batch_id", Text, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("custom_id", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("claimed_until", Double),
    Column("attempts", Integer, nullable=False),
    Column("result", Text),
    Index("batch_requests_state", "state", "claimed_until"),
    Index("batch_requests_counts", "batch_id", "state"),
)
