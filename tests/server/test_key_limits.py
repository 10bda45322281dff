"""The limits of a client's key: refused in time, with the time to wait."""

from __future__ import annotations

import pytest

from haystacks.errors import LimitReached
from haystacks.limits import Limiter
from haystacks.local import LocalShared
from haystacks.pool import Limits
from server.key_limits import admit_key
from server.keys import ClientKey

NOW = 600_000.0


def limiter() -> Limiter:
    return Limiter(LocalShared(), lambda: NOW)


def key(limits: Limits) -> ClientKey:
    return ClientKey("laptop", "0" * 64, limits=limits)


def never() -> int:
    raise AssertionError("nobody needs the count")


async def test_without_a_key_or_limits_nothing_is_counted() -> None:
    assert await admit_key(limiter(), None, never) is None
    assert await admit_key(limiter(), key(Limits()), never) is None


async def test_who_is_over_the_limit_hears_which_one_and_how_long_to_wait() -> None:
    limits, laptop = limiter(), key(Limits(requests_per_minute=25))
    for _ in range(25):  # as clients do: all at once
        await admit_key(limits, laptop, never)
    with pytest.raises(LimitReached) as caught:
        await admit_key(limits, laptop, never)
    assert caught.value.message == (
        "the key laptop is limited to 25 requests a minute: try again in 63 s"
    )
    assert caught.value.headers == {"retry-after": "63"}
    assert not caught.value.final


async def test_what_can_never_pass_is_not_to_be_tried_again() -> None:
    with pytest.raises(LimitReached) as caught:
        await admit_key(limiter(), key(Limits(tokens_per_minute=1000)), lambda: 1001)
    assert caught.value.message == (
        "the key laptop is limited to 1,000 tokens a minute, "
        "and this request alone has 1,001 tokens"
    )
    assert caught.value.final
    assert "retry-after" not in caught.value.headers


async def test_a_place_is_free_again_when_the_request_has_left() -> None:
    limits, laptop = limiter(), key(Limits(concurrency=1))
    entry = await admit_key(limits, laptop, never)
    with pytest.raises(LimitReached, match="1 request at the same time: try again in 1 s"):
        await admit_key(limits, laptop, never)
    assert entry is not None
    entry.leave()
    assert await admit_key(limits, laptop, never)
