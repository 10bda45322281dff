"""What storage in trouble is to a client: 503, and nothing half-written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from server.storage.database import StorageGone


@contextmanager
def gone(*failures: type[Exception]) -> Iterator[None]:
    """Turn failures into ``StorageGone``."""
    try:
        yield
    except failures as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StorageGone(
            f"the storage of files can't be used now: {reason.splitlines()[0]}"
        ) from error
