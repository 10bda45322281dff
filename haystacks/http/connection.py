"""One HTTP/1.1 connection to an upstream.

Written on asyncio and httptools, which the server is built on as well. A call
by way of aiohttp costs three times as much, by way of httpx over ten times, and
the bench gives a whole request no more than that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, cast

import httptools

from haystacks.errors import BadAnswer, StreamBroken, UpstreamTimeout
from haystacks.http.call import Upload
from haystacks.http.reply import HttpReply

HEAD_LIMIT: Final = 256 * 1024


class Dropped(Exception):
    """The connection closed before one byte of an answer came."""


class Connection(asyncio.Protocol):
    """Carries one call at a time; ``release`` gets it back when an answer has ended.

    ``idle_since`` is when that was.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, release: Callable[[Connection], None]
    ) -> None:
        self._loop = loop
        self._release = release
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._reply: HttpReply | None = None
        self._headers: dict[str, str] = {}
        self._head_size = 0
        self._keep_alive = False
        self._paused = False
        self._no_body = False
        self._pouring: asyncio.Task[None] | None = None
        self._full: asyncio.Future[None] | None = None
        self._first_byte = 0.0
        self._silence = 0.0
        self._heard = 0.0
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self.idle_since = 0.0

    @property
    def open(self) -> bool:
        """Whether a call may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def send(
        self, head: bytes, body: bytes, first_byte: float, silence: float, deadline: float
    ) -> HttpReply:
        """Send a request and return its reply.

        ``first_byte`` is how many seconds may pass before anything is heard,
        ``silence`` how many between two pieces; ``deadline`` is of the loop's clock.
        Silence is ended in any case, so the deadline is only looked at when something comes.
        """
        if self._transport is None:
            raise Dropped
        reply = self._reply = HttpReply(self._loop, self)
        self._deadline = deadline
        self._headers = {}
        self._head_size = 0
        self._first_byte = first_byte
        self._silence = silence
        self._heard = self._loop.time()
        self._listen_within(min(first_byte, silence))
        self._transport.writelines((head, body))
        return reply

    def expect_no_body(self) -> None:
        """Take the head for the whole answer: HEAD is asked, and its answer tells of a body."""
        self._no_body = True

    def pour(self, upload: Upload) -> None:
        """Send a body behind its head as it comes; if it fails, so does the call."""
        self._pouring = self._loop.create_task(self._pour(upload))
        self._pouring.add_done_callback(self._poured)

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self._reply = None
        self._stop_listening()
        self._stop_pouring()
        if self._transport is not None:
            self._transport.abort()

    def resume(self) -> None:
        """Let the upstream send on."""
        if self._paused and self._transport is not None:
            self._paused = False
            self._heard = self._loop.time()
            self._transport.resume_reading()

    # -- asyncio's calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def pause_writing(self) -> None:
        """Hold an upload back: the upstream reads slowly."""
        self._full = self._loop.create_future()

    def resume_writing(self) -> None:
        """Let an upload go on."""
        if self._full is not None and not self._full.done():
            self._full.set_result(None)
        self._full = None

    def data_received(self, data: bytes) -> None:
        """Parse what came; what comes unasked ends the connection."""
        reply = self._reply
        if reply is None:
            self.abort()
            return
        self._heard = now = self._loop.time()
        if now > self._deadline:
            self._fail(UpstreamTimeout("the upstream took longer than its haystack allows"))
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(BadAnswer(f"the upstream's answer is not HTTP: {error}"))
        reply.pass_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the answer that was coming: well, if only the end of the connection could tell."""
        self._transport = None
        reply, self._reply = self._reply, None
        self._stop_listening()
        self._stop_pouring()
        if reply is None:
            return
        if not reply.status:
            reply.fail(Dropped(str(exc or "connection closed")))
        elif exc is None and not {"content-length", "transfer-encoding"} & reply.headers.keys():
            reply.finish()
        else:
            reply.fail(StreamBroken("the connection broke inside the answer"))

    # -- httptools' calls

    def on_message_begin(self) -> None:
        """Refuse an answer that nobody asked for."""
        if self._reply is None:
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._head_size += len(name) + len(value)
        if self._head_size > HEAD_LIMIT:
            self._fail(BadAnswer("the upstream's headers are too large"))
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Take the head; of an interim answer, nothing."""
        status = self._parser.get_status_code()
        if status >= 200 and self._reply is not None:
            self._keep_alive = self._parser.should_keep_alive()
            self._first_byte = 0.0
            self._listen_within(self._silence)
            self._reply.begin(status, self._headers)
            if self._no_body:
                self._keep_alive = False  # the parser waits for the body that was told of
                self.on_message_complete()
        self._headers = {}

    def on_body(self, body: bytes) -> None:
        """Pass a piece of the body on; stop reading if nobody takes it."""
        if self._reply is not None and self._reply.take(body) and not self._paused:
            self._paused = True
            if self._transport is not None:
                self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """Give the connection back, or close it."""
        if self._reply is None or not self._reply.status:
            return
        reply, self._reply = self._reply, None
        self.resume()
        reply.finish()
        if self._keep_alive and self.open and self._pouring is None:
            self.idle_since = self._loop.time()
            self._release(self)
        else:
            self.abort()

    # -- Uploads

    async def _pour(self, upload: Upload) -> None:
        async for piece in upload.pieces:
            if not piece:
                continue
            self._write(
                piece if upload.length is not None else b"%x\r\n%b\r\n" % (len(piece), piece)
            )
            if self._full is not None:
                await self._full
        if upload.length is None:
            self._write(b"0\r\n\r\n")

    def _write(self, data: bytes) -> None:
        self._heard = self._loop.time()
        if self._transport is not None:
            self._transport.write(data)

    def _poured(self, pouring: asyncio.Task[None]) -> None:
        if pouring is self._pouring:
            self._pouring = None
        if not pouring.cancelled() and (error := pouring.exception()):
            self._fail(error)

    def _stop_pouring(self) -> None:
        if self._pouring is not None:
            self._pouring.cancel()

    # -- Silence

    def _listen(self) -> None:
        """Fail if nothing was heard for too long; a client that doesn't read is no silence."""
        self._timer = None
        if self._reply is None:
            return  # nobody waits
        limit = self._first_byte or self._silence
        left = limit if self._paused else self._heard + limit - self._loop.time()
        if left > 0:
            self._listen_within(left)
        else:
            self._fail(UpstreamTimeout("the upstream was silent for too long"))

    def _listen_within(self, seconds: float) -> None:
        """Look into it in so many seconds at the latest.

        The timer of an earlier call may do: a new one for each costs more than a look too many.
        """
        due = self._loop.time() + seconds
        if self._timer is None or self._due > due:
            self._stop_listening()
            self._due = due
            self._timer = self._loop.call_later(seconds, self._listen)

    def _stop_listening(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fail(self, error: BaseException) -> None:
        reply = self._reply
        self.abort()
        if reply is not None:
            reply.fail(error)
