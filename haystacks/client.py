"""The HTTP client: the only module that knows which library speaks to upstreams.

aiohttp is used directly. For one whole request on one connection pool it costs
about 120 us of CPU; httpx costs 450 us, and httpx types over an aiohttp
transport 250 us, which alone is the budget of a routed request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextvars import ContextVar
from functools import cached_property, lru_cache
from typing import Any
from urllib.request import getproxies

import aiohttp
from yarl import URL

from haystacks.call import Call
from haystacks.errors import BadAnswer, ConnectFailed, StreamBroken, UpstreamError, UpstreamTimeout
from haystacks.pool import Timeouts

# Providers close idle connections after 60 s and more; the usual reverse
# proxies after 5 s upwards. A race with the closing side is retried below.
KEEPALIVE_SECONDS = 30.0
DNS_SECONDS = 60


# Whether the current call opened a connection of its own.
_made_new: ContextVar[bool] = ContextVar("made_new", default=False)


class _Connector(aiohttp.TCPConnector):
    """Notes who opens a connection; the library's own way to ask, tracing, costs 20 us a call."""

    async def _create_connection(self, *arguments: Any, **options: Any) -> Any:
        _made_new.set(True)
        return await super()._create_connection(*arguments, **options)


class HttpClient:
    """One connection pool for all haystacks; opened by its first call, inside the event loop."""

    @cached_property
    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=_Connector(
                limit=0, keepalive_timeout=KEEPALIVE_SECONDS, ttl_dns_cache=DNS_SECONDS
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept"),
            # Looking for a proxy costs on every request; most machines have none.
            trust_env=bool(getproxies()),
        )

    async def send(self, call: Call) -> HttpReply:
        """Post, and return the reply once its status is known.

        A kept connection that the other side closed at the very moment of
        sending is no failure of the upstream: it is tried once more.
        Raises ``ConnectFailed``, ``UpstreamTimeout`` or ``BadAnswer``.
        """
        _made_new.set(False)
        try:
            try:
                return await self._post(call)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if _made_new.get():
                    raise
                return await self._post(call)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise _translated(error) from error

    async def _post(self, call: Call) -> HttpReply:
        deadline = time.monotonic() + call.timeouts.total
        response = await self._session.post(
            _url(call.url),
            data=call.body,
            headers=call.headers,
            timeout=_timeout(call.timeouts),
            allow_redirects=False,
        )
        return HttpReply(response, deadline)

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()


class HttpReply:
    """An answer over HTTP; fits ``haystacks.call.Reply``. ``deadline`` is of the monotonic clock.

    Silence is ended by the library, and the wait for a whole answer by the
    attempt; so the deadline is only looked at when a chunk comes.
    """

    __slots__ = ("_deadline", "_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse, deadline: float) -> None:
        self._response = response
        self._deadline = deadline
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it arrives."""
        try:
            async for chunk in self._response.content.iter_any():
                if time.monotonic() > self._deadline:
                    raise UpstreamTimeout("the upstream took longer than its haystack allows")
                yield chunk
        except (aiohttp.ClientError, TimeoutError, ConnectionResetError) as error:
            raise _translated(error, reading=True) from error
        finally:
            self._response.close()

    async def read(self) -> bytes:
        """Return the whole body."""
        try:
            return await self._response.read()
        except (aiohttp.ClientError, TimeoutError, ConnectionResetError) as error:
            raise _translated(error, reading=True) from error
        except asyncio.CancelledError:
            self._response.close()
            raise

    def close(self) -> None:
        """Drop the connection, unless its answer was read to the end."""
        self._response.close()


@lru_cache(maxsize=1024)
def _url(url: str) -> URL:
    return URL(url)


@lru_cache(maxsize=256)
def _timeout(timeouts: Timeouts) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=timeouts.connect, sock_read=timeouts.idle)


def _translated(error: Exception, *, reading: bool = False) -> UpstreamError:
    """Return our own error for one of the library's."""
    if isinstance(error, TimeoutError):
        return UpstreamTimeout("the upstream was silent for too long")
    if isinstance(error, aiohttp.ClientResponseError):
        return BadAnswer(f"the upstream's answer is not HTTP: {error.message}")
    if isinstance(error, ValueError):
        return ConnectFailed(f"not a usable address: {error}")
    if reading:
        return StreamBroken(f"the connection broke inside the answer: {error}")
    return ConnectFailed(f"no connection: {error}")
