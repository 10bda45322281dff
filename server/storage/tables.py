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
    LargeBinary,
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
    # The ids follow one another in time: by them the newest come first.
    Index("requests_at", "at"),
    Index("requests_session", "session", "id"),
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
    Column("expires", Double),
    Column("ready", Boolean, nullable=False),  # its content is there, and not being removed
    # Ids grow with time.
    Index("files_owner", "owner", "id"),
    Index("files_ready", "ready", "created"),
    Index("files_expires", "expires"),
)

batches = Table(
    "batches",
    METADATA,
    # Begins with its time: the order of the names is that of the batches.
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("canceled_at", Double),
    Column("ended", Double),
    Column("archived", Double),
    # How many of its requests are in each state; changed together with them.
    Column("processing", Integer, nullable=False),
    Column("succeeded", Integer, nullable=False),
    Column("errored", Integer, nullable=False),
    Column("canceled", Integer, nullable=False),
    Column("expired", Integer, nullable=False),
    # Where a provider works on all of it: the haystack, the batch's name there once it has one,
    # and the time from which it may be asked how far it is.
    Column("native", Text, nullable=False),
    Column("native_id", Text, nullable=False),
    Column("native_due", Double, nullable=False),
    Index("batches_owner", "owner", "id"),
    Index("batches_state", "state"),
)

# Small rows, changed often; what is asked and answered stands in batch_bodies.
batch_requests = Table(
    "batch_requests",
    METADATA,
    Column("batch_id", Text, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("custom_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    # What a provider that works on the whole batch is asked for; else empty.
    Column("model", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Unix time from which it may be taken: after a pause, or when a worker's claim ends. Of one
    # that was never taken, its number: so batches take turns, whichever came first.
    Column("due", Double, nullable=False),
    Column("worker", Text, nullable=False),
    Column("tries", Integer, nullable=False),
)
Index(
    "batch_requests_due",
    batch_requests.c.due,
    sqlite_where=batch_requests.c.state == "processing",
    postgresql_where=batch_requests.c.state == "processing",
)

# What was asked, until the line of its result takes its place.
batch_bodies = Table(
    "batch_bodies",
    METADATA,
    Column("batch_id", Text, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
