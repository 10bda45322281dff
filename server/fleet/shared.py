"""The shared state that the settings ask for."""

from __future__ import annotations

from haystacks.local import LocalShared
from haystacks.shared import Shared
from server.fleet.fallback import Fallback
from server.fleet.redis_shared import RedisShared
from server.settings import Settings


def open_shared(settings: Settings) -> Shared:
    """Return what this process shares with the others; ``start`` and ``close`` it in the loop.

    Without ``redis_url`` that is nothing: it keeps the same things for itself.
    """
    return Fallback(RedisShared(settings.redis_url)) if settings.redis_url else LocalShared()
