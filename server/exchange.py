"""One HTTP exchange over raw ASGI: read the body, send the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from haystacks.errors import BadRequest, TooLarge
from haystacks.stream import Flow
from server.departure import ClientLeft
from server.outlet import Outlet

# Counting and matching a body of this size takes longer than another request
# should have to wait for it: they move to a thread.
LARGE_BYTES = 256 * 1024

RawHeaders = list[tuple[bytes, bytes]]


def read_headers(scope: Scope) -> dict[str, str]:
    """Return the request's headers, names lower-case, repeated ones joined with commas."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1")
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def read_body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
    """Return the whole body. Raises ``TooLarge``, ``BadRequest`` or ``ClientLeft``."""
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    if headers.get("content-encoding", "identity") != "identity":
        raise BadRequest("a compressed body is not accepted: send it without content-encoding")
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge(f"the body is larger than {limit} bytes")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts) if len(parts) > 1 else part


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body holds. Raises ``BadRequest``."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise BadRequest("the body must be a JSON object")
    return parsed


async def send_whole(send: Send, status: int, headers: RawHeaders, body: bytes) -> None:
    """Send an answer whose length is known."""
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_stream(
    send: Send,
    headers: RawHeaders,
    flow: Flow,
    outlet: Outlet,
    ping: Callable[[], bytes],
    ping_seconds: float,
) -> None:
    """Send pieces as they come, each flushed at once, and a ping in every long silence."""
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    loop = asyncio.get_running_loop()
    outlet.last = loop.time()

    async def keep_alive() -> None:
        while True:
            await asyncio.sleep(outlet.last + ping_seconds - loop.time())
            if loop.time() - outlet.last >= ping_seconds:
                outlet.write(ping())
                await outlet.drain()

    pinger = asyncio.create_task(keep_alive())
    try:
        while not await flow(outlet.write):
            await outlet.drain()
    finally:
        pinger.cancel()  # nothing may follow the last event, however slowly the client takes it
    await outlet.drain()
    await send({"type": "http.response.body", "body": b""})


def encode_headers(pairs: Iterable[tuple[str, str]]) -> RawHeaders:
    """Return headers as ASGI wants them; what can't be written in latin-1 is replaced."""
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in pairs]
