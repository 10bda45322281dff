"""The tables, as SQLAlchemy Core describes them; ``migrations`` makes them.

Times are seconds of Unix time, in UTC; money is whole billionths of a dollar.
"""

from __future__ import annotations

from typing import Any, Final

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
    TypeDecorator,
)


def words(text: str) -> str:
    """Return a text as a column of ``Words`` holds it: without what no text in PostgreSQL holds."""
    return text.replace("\0", "\ufffd")


class Words(TypeDecorator[str]):
    """A text as PostgreSQL can hold and compare it: who asks for another finds nothing."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Return the text as it is held."""
        del dialect
        return words(value) if value else value


METADATA: Final = MetaData()

requests = Table(
    "requests",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("at", Double, nullable=False),
    Column("surface", Words, nullable=False),
    Column("role", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("phase", Words, nullable=False),
    Column("concept", Words, nullable=False),
    Column("scenario", Words, nullable=False),
    Column("haystack", Words, nullable=False),
    Column("model", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("stream", Boolean, nullable=False),
    Column("session", Words, nullable=False),
    Column("input", BigInteger, nullable=False),
    Column("output", BigInteger, nullable=False),
    Column("cache_read", BigInteger, nullable=False),
    Column("cache_write", BigInteger, nullable=False),
    Column("reasoning", BigInteger),  # NULL: the provider doesn't tell
    Column("estimated", Boolean, nullable=False),
    Column("nano_usd", BigInteger, nullable=False),
    Column("first_ms", Double),
    Column("total_ms", Double, nullable=False),
    Column("error", Words, nullable=False),
    Column("trace", Words),
    Column("content", Words),
    # The ids follow one another in time: by them the newest come first.
    Index("requests_at", "at"),
    Index("requests_session", "session", "id"),
)

files = Table(
    "files",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("owner", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("mime", Words, nullable=False),
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
    Column("id", Words, primary_key=True),
    Column("owner", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("headers", Words, nullable=False),
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
    Column("native", Words, nullable=False),
    Column("native_id", Words, nullable=False),
    Column("native_due", Double, nullable=False),
    Index("batches_owner", "owner", "id"),
    Index("batches_state", "state"),
)

# Small rows, changed often; what is asked and answered stands in batch_bodies.
batch_requests = Table(
    "batch_requests",
    METADATA,
    Column("batch_id", Words, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("custom_id", Words, nullable=False),
    Column("role", Words, nullable=False),
    # What a provider that works on the whole batch is asked for; else empty.
    Column("model", Words, nullable=False),
    Column("state", Words, nullable=False),
    # Unix time from which it may be taken: after a pause, or when a worker's claim ends. Of one
    # that was never taken, its number: so batches take turns, whichever came first.
    Column("due", Double, nullable=False),
    Column("worker", Words, nullable=False),
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
    Column("batch_id", Words, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
