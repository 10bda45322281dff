"""A client without a socket: it calls the server as an ASGI application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def post(app: ASGIApp, path: str, headers: Mapping[str, str], body: bytes) -> Heard:
    """Send one request and return its whole answer."""
    status, told = 0, {}
    pieces: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, told
        if message["type"] == "http.response.start":
            status = message["status"]
            told = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            pieces.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 3456),
    }
    await app(scope, receive, send)
    return Heard(status, told, b"".join(pieces))
