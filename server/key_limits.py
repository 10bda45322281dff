"""The limits that clients' keys have."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from haystacks.errors import LimitReached
from haystacks.limits import Entry, Limiter, Refused
from haystacks.pool import NO_LIMITS
from server.keys import ClientKey


async def admit_key(
    limiter: Limiter, key: ClientKey | None, tokens: Callable[[], int]
) -> Entry | None:
    """Let a request of so many tokens in; call ``leave`` on what is returned at its end.

    ``None``: the key has no limits, and nothing was counted, its tokens neither.
    Raises ``LimitReached``.
    """
    if key is None or key.limits == NO_LIMITS:
        return None
    counted = tokens() if key.limits.tokens_per_minute is not None else 0
    entry = await limiter.enter(f"key:{key.name}", key.limits, counted)
    if isinstance(entry, Refused):
        raise _reached(key, entry, counted)
    return entry


def _reached(key: ClientKey, refused: Refused, tokens: int) -> LimitReached:
    limit = f"the key {key.name} is limited to {refused.what}"
    if refused.never:
        error = LimitReached(f"{limit}, and this request alone has {tokens:,} tokens")
        error.final = True
        return error
    seconds = max(1, ceil(refused.seconds))
    return LimitReached(f"{limit}: try again in {seconds} s", headers={"retry-after": str(seconds)})
