"""The server's side of a connection: uvicorn's own, with limits, and news of its end."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.departure import Departure
from server.outlet import Line

# A header section of a real client is a few kilobytes and comes at once. Who
# sends more, or dribbles, holds a connection open for nothing.
HEADER_SECONDS: Final = 20.0
HEADER_BYTES: Final = 64 * 1024

# What is read at once holds at most four times as much, and may begin with the end of a body.
_UNFINISHED_BYTES: Final = 5 * HEADER_BYTES

_PLAIN_HTTP: Final = (
    b'{"error":{"message":"WebSockets are not served: send a plain request",'
    b'"type":"invalid_request_error","param":null,"code":null}}'
)
_NO_WEBSOCKETS: Final = (
    b"HTTP/1.1 426 Upgrade Required\r\nupgrade: HTTP/1.1\r\nconnection: upgrade, close\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
) % (len(_PLAIN_HTTP), _PLAIN_HTTP)


class Protocol(HttpToolsProtocol):
    """Closes a connection whose headers are late or too many; tells when the client leaves."""

    _deadline: asyncio.TimerHandle | None = None
    _in_head = False
    _came = 0  # bytes, from the piece on in which the head began: as many as it has, or more

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        self._departure = Departure()
        joined = JoinedWrites(transport, self.loop)
        super().connection_made(joined)  # type: ignore[arg-type]
        self._outlet = Line(joined.write, self.flow, self._departure, self.loop)
        self._await_headers()

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that did not come at once is measured, and has to hurry."""
        self._came = self._came + len(data) if self._in_head else len(data)
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            # The parser tells of a header when it has ended, which this one may never do.
            if self._came > _UNFINISHED_BYTES or self._head_is_large():
                self.send_400_response("The header section is too large.")
            elif self._deadline is None:
                self._await_headers()

    def on_message_begin(self) -> None:
        """Begin to read the head of a request."""
        super().on_message_begin()
        self._departure.show(self.scope)  # type: ignore[arg-type]  # a dict, whatever its keys
        self._outlet.show(self.scope)  # type: ignore[arg-type]  # as above
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Stop the clock: bodies may take their time."""
        self._in_head = False
        self._stop_waiting()
        if self._head_is_large():
            # Raised through the parser, which uvicorn answers with a 400 and a close.
            raise ValueError("the header section is too large")
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """Refuse at once: at this status Codex falls back to plain requests, at others it waits."""
        self.transport.write(_NO_WEBSOCKETS)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever works for the client, and forget the deadline."""
        self._stop_waiting()
        self._departure.happen()
        super().connection_lost(exc)

    def _await_headers(self) -> None:
        self._deadline = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _head_is_large(self) -> bool:
        if self._came <= HEADER_BYTES:
            return False
        return len(self.url) + sum(len(n) + len(v) for n, v in self.headers) > HEADER_BYTES


class JoinedWrites:
    """A transport that sends the head of an answer together with what follows it.

    An ASGI server writes them one by one, and each write is a system call and a
    packet. The head waits for the next write, at most to the end of this turn
    of the event loop. Everything else is the transport's own.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send data, or hold it back if it is the head of an answer."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head + data)
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._loop.call_soon(self.flush)
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Send what is held back."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """Send what is held back, and close."""
        self.flush()
        self._transport.close()
