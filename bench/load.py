"""A load: so many connections, each sending the next request when the last is answered.

``python -m bench.load URL --body FILE --concurrency 8 --seconds 5`` prints one
JSON object. Its own process, so that its work is not taken for the server's.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

import orjson
import uvloop

# A JSON or event-stream body holds no bare CR, so this ends the last chunk and nothing else.
_LAST_CHUNK: Final = b"\r\n0\r\n\r\n"
_MARK: Final = b"data:"
_COMPLETE: Final = (b"message_stop", b"[DONE]")


@dataclass(frozen=True, slots=True)
class Report:
    """What the clients saw. ``p50_us`` is from the request to its last byte."""

    requests: int
    seconds: float
    errors: int
    p50_us: float
    p99_us: float
    first_event_p50_us: float
    events: int
    bytes: int


@dataclass(slots=True)
class Tally:
    """What the clients have seen so far; times in seconds."""

    latencies: list[float] = field(default_factory=list)
    first_events: list[float] = field(default_factory=list)
    errors: int = 0
    events: int = 0
    bytes: int = 0

    def report(self, seconds: float) -> Report:
        """Sum up."""
        return Report(
            requests=len(self.latencies),
            seconds=round(seconds, 3),
            errors=self.errors,
            p50_us=quantile_us(self.latencies, 0.5),
            p99_us=quantile_us(self.latencies, 0.99),
            first_event_p50_us=quantile_us(self.first_events, 0.5),
            events=self.events,
            bytes=self.bytes,
        )


def quantile_us(seconds: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of the times don't exceed, in microseconds; 0 for none."""
    if not seconds:
        return 0.0
    return round(sorted(seconds)[min(int(len(seconds) * share), len(seconds) - 1)] * 1e6, 1)


class Client(asyncio.Protocol):
    """One keep-alive connection: sends, and watches the answer go by."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._done: asyncio.Future[bool] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        # A cast, since uvloop's transports are no subclass.
        self._transport = cast("asyncio.Transport", transport)

    async def ask(self, request: bytes) -> None:
        """Send one request and return when its answer is complete; errors are counted."""
        self._head = b""
        self._tail = b""
        self._left: int | None = None
        self._events = 0
        self._done = asyncio.get_running_loop().create_future()
        self._began = time.perf_counter()
        self._transport.write(request)
        whole = await self._done
        self._tally.latencies.append(time.perf_counter() - self._began)
        self._tally.events += self._events
        if b"text/event-stream" in self._head:
            whole = whole and any(mark in self._tail for mark in _COMPLETE)
        self._tally.errors += not (whole and self._head.startswith(b"HTTP/1.1 200"))

    def data_received(self, data: bytes) -> None:
        """Count, and look for the end of the answer."""
        self._tally.bytes += len(data)
        if not self._head.endswith(b"\r\n\r\n"):
            head, found, data = (self._head + data).partition(b"\r\n\r\n")
            self._head = head + found
            if not found:
                return
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._left = int(length) if length else None
        seen = self._tail + data
        events = seen.count(_MARK) - self._tail.count(_MARK)
        if events and not self._events:
            self._tally.first_events.append(time.perf_counter() - self._began)
        self._events += events
        self._tail = seen[-200:]
        if self._left is not None:
            self._left -= len(data)
        if self._left == 0 or (self._left is None and self._tail.endswith(_LAST_CHUNK)):
            self._finish(whole=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up an answer that was cut off."""
        del exc
        self._finish(whole=False)

    @property
    def open(self) -> bool:
        """Whether another request can go out here."""
        return not self._transport.is_closing()

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def _finish(self, *, whole: bool) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(whole)


def request(url: str, body: bytes, headers: Sequence[str] = ()) -> bytes:
    """Return a POST as it goes over the wire; ``headers`` as ``name: value``."""
    parts = urlsplit(url)
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"host: {parts.netloc}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "\r\n"]).encode() + body


async def load(
    url: str,
    requests: Sequence[bytes],
    *,
    concurrency: int,
    count: int | None = None,
    seconds: float | None = None,
) -> Report:
    """Send ``requests`` in turn, ``count`` of them or for so many seconds."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    tally = Tally()
    bodies = cycle(requests)
    began = time.perf_counter()
    until = began + seconds if seconds is not None else float("inf")
    tickets = iter(range(count)) if count is not None else cycle([0])

    async def client() -> None:
        asker: Client | None = None
        for _ in tickets:
            if time.perf_counter() >= until:
                break
            if asker is None or not asker.open:
                _, asker = await loop.create_connection(
                    lambda: Client(tally), parts.hostname or "127.0.0.1", parts.port or 80
                )
            await asker.ask(next(bodies))
        if asker is not None:
            asker.close()

    await asyncio.gather(*(client() for _ in range(concurrency)))
    return tally.report(time.perf_counter() - began)


def main() -> None:
    """Read the options, run the load, print its report."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("--body", type=Path, action="append", required=True)
    options.add_argument("--header", action="append", default=[], help="name: value")
    options.add_argument("--concurrency", type=int, default=8)
    options.add_argument("--requests", type=int)
    options.add_argument("--seconds", type=float)
    chosen = options.parse_args()
    if chosen.requests is None and chosen.seconds is None:
        options.error("say --requests or --seconds: a load has to end")
    asked = [request(chosen.url, body.read_bytes(), chosen.header) for body in chosen.body]
    report = uvloop.run(
        load(
            chosen.url,
            asked,
            concurrency=chosen.concurrency,
            count=chosen.requests,
            seconds=chosen.seconds,
        )
    )
    print(orjson.dumps(asdict(report)).decode())


if __name__ == "__main__":
    main()
