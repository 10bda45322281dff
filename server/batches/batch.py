"""A batch as it stands, and as Anthropic's API shows it."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

# ``receiving``: its requests are still coming, and nobody is told of it yet.
BatchState = Literal["receiving", "in_progress", "canceling", "ended"]

# How a request may end; until then it is ``processing``.
Ending = Literal["succeeded", "errored", "canceled", "expired"]

_PREFIX: Final = "msgbatch_"


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch; times are Unix seconds, ``None`` what has not happened.

    ``owner`` is the name of the client's key, empty where none was in use. The five
    counts add up to all of its requests at every moment. ``native`` names the haystack
    whose provider works on it, and ``native_id`` its batch there; empty where we do.
    """

    id: str
    owner: str
    state: BatchState
    headers: str
    created: float
    expires: float
    canceled_at: float | None = None
    ended: float | None = None
    archived: float | None = None
    processing: int = 0
    succeeded: int = 0
    errored: int = 0
    canceled: int = 0
    expired: int = 0
    native: str = ""
    native_id: str = ""
    native_due: float = 0.0

    @property
    def requests(self) -> int:
        """How many it has."""
        return self.processing + self.succeeded + self.errored + self.canceled + self.expired

    def as_dict(self, results_url: str) -> dict[str, Any]:
        """Return Anthropic's object; the results' URL is told once there are some to fetch."""
        done = self.state == "ended" and self.archived is None
        return {
            "id": self.id,
            "type": "message_batch",
            "processing_status": self.state,
            "request_counts": {
                "processing": self.processing,
                "succeeded": self.succeeded,
                "errored": self.errored,
                "canceled": self.canceled,
                "expired": self.expired,
            },
            "created_at": _told(self.created),
            "expires_at": _told(self.expires),
            "cancel_initiated_at": _told(self.canceled_at),
            "ended_at": _told(self.ended),
            "archived_at": _told(self.archived),
            "results_url": results_url if done else None,
        }


def new_id() -> str:
    """Return a name that is unique, and greater than those that were given before."""
    return f"{_PREFIX}{time.time_ns() // 1000:013x}{random.getrandbits(48):012x}"


def _told(seconds: float | None) -> str | None:
    """Return a time as RFC 3339 has it."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
