"""The HTTP client: the only module that knows which library speaks to upstreams.

aiohttp is used directly. For one whole request on one connection pool it costs
about 120 us of CPU; httpx costs 450 us, and httpx types over an aiohttp
transport 250 us, which alone is the budget of a routed request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from functools import cached_property, lru_cache
from types import SimpleNamespace
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


class HttpClient:
    """One connection pool for all haystacks; opened by its first call, inside the event loop."""

    @cached_property
    def _session(self) -> aiohttp.ClientSession:
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_mark_reused)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=KEEPALIVE_SECONDS, ttl_dns_cache=DNS_SECONDS
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept"),
            # Looking for a proxy costs on every request; most machines have none.
            trust_env=bool(getproxies()),
            trace_configs=[trace],
        )

    async def send(self, call: Call) -> HttpReply:
        """Post, and return the reply once its status is known.

        A kept connection that the other side closed at the very moment of
        sending is no failure of the upstream: it is tried once more, on another.
        Raises ``ConnectFailed``, ``UpstreamTimeout`` or ``BadAnswer``.
        """
        while True:
            connection = SimpleNamespace(reused=False)
            try:
                response = await self._session.post(
                    _url(call.url),
                    data=call.body,
                    headers=call.headers,
                    timeout=_timeout(call.timeouts),
                    allow_redirects=False,
                    trace_request_ctx=connection,
                )
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                if connection.reused:
                    continue
                raise _translated(error) from error
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                raise _translated(error) from error
            return HttpReply(response)

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()


class HttpReply:
    """An answer over HTTP; fits ``haystacks.call.Reply``."""

    __slots__ = ("_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it arrives."""
        try:
            async for chunk in self._response.content.iter_any():
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


async def _mark_reused(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: object
) -> None:
    context.trace_request_ctx.reused = True


@lru_cache(maxsize=1024)
def _url(url: str) -> URL:
    return URL(url)


@lru_cache(maxsize=256)
def _timeout(timeouts: Timeouts) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=timeouts.total, sock_connect=timeouts.connect, sock_read=timeouts.idle
    )


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
