"""The way out through a proxy, where the environment names one."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from haystacks.errors import ConnectFailed

_ANSWER_LIMIT = 16 * 1024


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy; ``authorization`` is the value of its header, or empty."""

    host: str
    port: int
    authorization: str = ""


def proxy_for(scheme: str, host: str) -> Proxy | None:
    """Return the proxy that ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY`` ask for, if any.

    This machine is never asked by way of a proxy.
    """
    address = getproxies().get(scheme, "")
    if not address or host in {"localhost", "::1"} or host.startswith("127.") or proxy_bypass(host):
        return None
    parts = urlsplit(address if "//" in address else f"//{address}")
    if not parts.hostname:
        return None
    authorization = ""
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode()
    return Proxy(parts.hostname, parts.port or 8080, authorization)


async def tunnel(
    loop: asyncio.AbstractEventLoop, proxy: Proxy, host: str, port: int
) -> asyncio.Transport:
    """Return a transport that leads through the proxy to the host. Raises ``ConnectFailed``."""
    transport, asking = await loop.create_connection(lambda: _Asking(loop), proxy.host, proxy.port)
    lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    transport.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    try:
        status = await asking.answered
    except BaseException:
        transport.abort()
        raise
    if status.split(b" ")[1:2] != [b"200"]:
        transport.abort()
        raise ConnectFailed(f"the proxy refuses: {status.decode('latin-1')}")
    return transport


class _Asking(asyncio.Protocol):
    """Waits for the proxy's answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.answered: asyncio.Future[bytes] = loop.create_future()
        self._heard = b""

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if self.answered.done():
            return
        if b"\r\n\r\n" in self._heard:
            self.answered.set_result(self._heard.split(b"\r\n", 1)[0])
        elif len(self._heard) > _ANSWER_LIMIT:
            self.answered.set_exception(ConnectFailed("the proxy's answer is no HTTP"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.answered.done():
            self.answered.set_exception(ConnectFailed(f"the proxy closed the connection: {exc}"))
