"""What one peer used for the load of one round."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import uvloop

from bench.load import Report, load, request
from bench.peers import answer
from bench.peers.group import cpu
from bench.peers.peer import Launch
from bench.serving import EVENTS

_CONCURRENCY: Final = 8
_LATE: Final = 30.0
_WARM: Final = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """CPU in microseconds, for a whole answer and for an event of a stream; ``rate`` a second."""

    request_us: float
    rate: float
    event_us: float


@dataclass(frozen=True, slots=True)
class Running:
    """A peer that runs: its session, where and how to ask it, and the two bodies to ask with."""

    session: int
    origin: str
    launch: Launch
    whole: bytes
    stream: bytes

    def check(self) -> None:
        """Ask both once, and raise RuntimeError unless the answers are right."""
        url, launch = self.origin + self.launch.path, self.launch
        answer.check(url, self.whole, launch.headers, launch.proof, answer.WHOLE)
        answer.check(url, self.stream, launch.headers, launch.proof, "word " * EVENTS)

    def warm(self, seconds: float) -> None:
        """Load it until it is as fast as it gets: Node compiles what it has run for thousands."""
        self._load(self.whole, seconds * _WARM)
        self._load(self.stream, seconds)

    def sample(self, seconds: float) -> Sample:
        """Load it with whole answers and then with streams, for so many seconds each."""
        whole, whole_cpu = self._load(self.whole, seconds)
        stream, stream_cpu = self._load(self.stream, seconds)
        return Sample(
            request_us=whole_cpu / whole.requests * 1e6,
            rate=whole.requests / whole.seconds,
            event_us=stream_cpu / stream.events * 1e6,
        )

    def _load(self, body: bytes, seconds: float) -> tuple[Report, float]:
        url = self.origin + self.launch.path
        lines = [f"{name}: {value}" for name, value in self.launch.headers.items()]
        asked = [request(url, body, lines)]

        async def run() -> Report:
            async with asyncio.timeout(seconds + _LATE):
                return await load(url, asked, concurrency=_CONCURRENCY, seconds=seconds)

        before = cpu(self.session)
        report = uvloop.run(run())
        used = cpu(self.session) - before
        if report.errors:
            raise RuntimeError(f"{report.errors} of {report.requests} requests to {url} failed")
        return report, used
