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
    since, until = today.replace(day=1).timestamp(), now + DAY_SECONDS
    try:
        month = await sums(gateway.database, ["day", *_WHOSE], since=since, until=until)
    except StorageGone as gone:
        log.warning("budgets begin anew: what was spent is not known", reason=gone.message)
        return
    for each in month:
        day, *names = each.group
        for whose, name in zip(_WHOSE, names, strict=True):
            on_day, in_month = counters(whose, name, today)
            spent = (on_day, in_month) if day == f"{today:%Y-%m-%d}" else (in_month,)
            gateway.shared.note([counter._replace(by=each.nano_usd) for counter in spent])
