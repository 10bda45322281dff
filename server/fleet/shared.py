"""The shared state that the settings ask for."""

from __future__ import annotations

from haystacks.local import LocalShared
from haystacks.shared import Shared
from server.settings import Settings


def open_shared(settings: Settings) -> Shared:
    """Return what this process shares with the others; ``start`` and ``close`` it in the loop.

    Without ``redis_url`` that is nothing: it keeps the same things for itself.
    """
    if not settings.redis_url:
        return LocalShared()
    # A twentieth of a second to import, for what only a fleet needs.
    from server.fleet.fallback import Fallback  # noqa: PLC0415 - see above
    from server.fleet.redis_shared import RedisShared  # noqa: PLC0415 - see above

    return Fallback(RedisShared(settings.redis_url))
