"""The HTTP client: calls over connections that are kept for the next."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

from haystacks.errors import ConnectFailed
from haystacks.http.call import Call
from haystacks.http.connection import Connection, Dropped
from haystacks.http.proxy import Proxy, proxy_for, tunnel
from haystacks.http.reply import HttpReply

# Providers close idle connections after 60 s and more; the usual reverse
# proxies after 5 s upwards. A race with the closing side is retried below.
KEEPALIVE_SECONDS: Final = 30.0

_LONGEST_KEPT: Final = 512
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PATH_CHARACTERS: Final = "/%?&=:;,+~!$'()*@[]"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections go; those of one origin are interchangeable."""

    host: str
    port: int
    secure: bool
    proxy: Proxy | None = None


class HttpClient:
    """All connections to upstreams, as many as there are calls at a time."""

    def __init__(self) -> None:
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)
        self._sweeping: asyncio.TimerHandle | None = None
        self._closed = False

    async def send(self, call: Call) -> HttpReply:
        """Send, and return the reply once its status is known.

        A kept connection that the other side closed at the very moment of
        sending is no failure of the upstream: it is tried once more, on a new one.
        An upload, which can't be sent twice, gets a new one at once.
        Raises ``ConnectFailed``, ``UpstreamTimeout`` or ``BadAnswer``.
        """
        origin, target = _where(call.url)
        head = _head(target, call)
        loop = asyncio.get_running_loop()
        kept = self._kept(origin, loop.time()) if call.upload is None else None
        if kept is not None:
            try:
                return await self._call(kept, head, call, loop)
            except Dropped:
                pass  # closed while it was idle
        fresh = await self._connect(origin, call, loop)
        try:
            return await self._call(fresh, head, call, loop)
        except Dropped as dropped:
            raise ConnectFailed(f"connection closed before an answer: {dropped}") from dropped

    async def close(self) -> None:
        """Close every kept connection, and keep no other."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        for kept in self._idle.values():
            for connection in kept:
                connection.abort()
        self._idle.clear()
        await asyncio.sleep(0)  # lets the transports notice

    async def _call(
        self, connection: Connection, head: bytes, call: Call, loop: asyncio.AbstractEventLoop
    ) -> HttpReply:
        timeouts = call.timeouts
        deadline = loop.time() + timeouts.total
        first = timeouts.total if call.whole else timeouts.first_byte
        body = call.body if call.upload is None else b""
        reply = connection.send(head, body, first, timeouts.idle, deadline)
        reply.raw = call.raw
        if call.method == "HEAD":
            connection.expect_no_body()
        if call.upload is not None:
            connection.pour(call.upload)
        try:
            await reply.head()
        except BaseException:
            reply.close()
            raise
        return reply

    async def _connect(
        self, origin: Origin, call: Call, loop: asyncio.AbstractEventLoop
    ) -> Connection:
        connection = Connection(loop, lambda idle: self._keep(origin, idle, loop))
        context = self._tls if origin.secure else None
        try:
            async with asyncio.timeout(call.timeouts.connect):
                if origin.proxy and origin.secure:
                    raw = await tunnel(loop, origin.proxy, origin.host, origin.port)
                    secured = await loop.start_tls(
                        raw, connection, self._tls, server_hostname=origin.host
                    )
                    if secured is None:
                        raise ConnectFailed("the proxy closed the connection")
                    connection.connection_made(secured)
                else:
                    to = origin.proxy or origin
                    await loop.create_connection(
                        lambda: connection,
                        to.host,
                        to.port,
                        ssl=context,
                        server_hostname=origin.host if context else None,
                    )
        except TimeoutError as error:
            raise ConnectFailed(
                f"no connection to {origin.host} within {call.timeouts.connect:g} s"
            ) from error
        except (OSError, ValueError) as error:
            raise ConnectFailed(f"no connection to {origin.host}: {error}") from error
        return connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        return context

    # -- Kept connections

    def _kept(self, origin: Origin, now: float) -> Connection | None:
        """Return a connection that is still open, the last one used first."""
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.open and now - connection.idle_since < KEEPALIVE_SECONDS:
                return connection
            connection.abort()
        return None

    def _keep(self, origin: Origin, idle: Connection, loop: asyncio.AbstractEventLoop) -> None:
        if self._closed:
            idle.abort()
            return
        self._idle[origin].append(idle)
        if self._sweeping is None:
            self._sweeping = loop.call_later(KEEPALIVE_SECONDS, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close what has been idle for too long, and come again while anything is kept."""
        oldest = loop.time() - KEEPALIVE_SECONDS
        for origin, kept in list(self._idle.items()):
            for connection in kept:
                if connection.idle_since < oldest:
                    connection.abort()
            self._idle[origin] = [each for each in kept if each.open]
            if not self._idle[origin]:
                del self._idle[origin]
        again = bool(self._idle)
        self._sweeping = loop.call_later(KEEPALIVE_SECONDS, self._sweep, loop) if again else None


def _where(url: str) -> tuple[Origin, str]:
    """Return ``_target`` of a URL; of one too long to be kept, for a client may write it, anew."""
    return _target(url) if len(url) <= _LONGEST_KEPT else _target.__wrapped__(url)


@lru_cache(maxsize=1024)
def _target(url: str) -> tuple[Origin, str]:
    """Return where a URL leads, and how a request to it goes on behind its method.

    Raises ``ConnectFailed``.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, KeyError) as error:
        raise ConnectFailed(f"not a usable address: {url}") from error
    if not host:
        raise ConnectFailed(f"not a usable address: {url}")
    proxy = proxy_for(parts.scheme, host)
    origin = Origin(host, port, parts.scheme == "https", proxy)
    authority = f"[{host}]" if ":" in host else host
    if port != _DEFAULT_PORTS[parts.scheme]:
        authority = f"{authority}:{port}"
    path = quote(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", _PATH_CHARACTERS)
    target = f" {path} HTTP/1.1\r\nhost: {authority}\r\n"
    if proxy and not origin.secure:
        target = f" http://{authority}{path} HTTP/1.1\r\nhost: {authority}\r\n"
        if proxy.authorization:
            target += f"proxy-authorization: {proxy.authorization}\r\n"
    return origin, target


def _head(target: str, call: Call) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in call.headers.items()]
    head = f"{call.method}{target}{''.join(lines)}{_framing(call)}\r\n\r\n"
    if head.count("\n") != target.count("\n") + len(lines) + 2:
        raise ConnectFailed("a header holds a line break")
    try:
        return head.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ConnectFailed("a header holds what no header can") from error


def _framing(call: Call) -> str:
    """Return the header that tells how long the body is."""
    if call.upload is None:
        return f"content-length: {len(call.body)}"
    if call.upload.length is None:
        return "transfer-encoding: chunked"
    return f"content-length: {call.upload.length}"
