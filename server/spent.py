"""What was spent before this process began: without a Redis that keeps it, the usage log tells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal

import structlog

from server.budgets import DAY_SECONDS, counters
from server.gateway import Gateway
from server.storage.database import StorageGone
from server.usage.report import sums

_WHOSE: Final[tuple[Literal["role", "key"], ...]] = ("role", "key")

log = structlog.get_logger("rolegraph.usage")


async def recall(gateway: Gateway) -> None:
    """Count what roles and keys have spent this day and month, if any of them has a budget.

    Where the database can't tell, budgets begin anew, and the log says so.
    """
    snapshot = gateway.snapshot
    roles = [view.role.budget for view in snapshot.views.values()]
    keys = [key.budget for key in snapshot.keys]
    if gateway.settings.redis_url or not any((*roles, *keys)):
        return
    now = gateway.clock()
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        for whose in _WHOSE:
            for period, begin in enumerate((today, today.replace(day=1))):
                since, until = begin.timestamp(), now + DAY_SECONDS
                for each in await sums(gateway.database, [whose], since=since, until=until):
                    counter = counters(whose, each.group[0], today)[period]
                    gateway.shared.note([counter._replace(by=each.nano_usd)])
    except StorageGone as gone:
        log.warning("budgets begin anew: what was spent is not known", reason=gone.message)
