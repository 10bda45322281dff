"""What all stream decoders share: one event at a time, and a failure in its place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Protocol

import orjson

from haystacks.dialect import Json
from haystacks.errors import BadAnswer, UpstreamError
from haystacks.http.sse import Event, EventParser


class Parser(Protocol):
    """Cuts a stream into its events."""

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that this chunk completes."""
        ...

    def finish(self) -> list[Event]:
        """Return what is left at the end."""
        ...


class StreamReader(ABC):
    """A ``StreamDecoder`` for a stream of events; a dialect says what one event means.

    They are server-sent events, unless the dialect has a parser of its own.
    """

    __slots__ = ("_ended", "_parser", "failure")

    def __init__(self, parser: Parser | None = None) -> None:
        self._parser = parser or EventParser()
        self._ended = False
        self.failure: UpstreamError | None = None

    @abstractmethod
    def _read(self, data: bytes) -> list[Json]:
        """Return what one event means; sets ``_ended`` at the last one."""

    @abstractmethod
    def _close(self) -> list[Json]:
        """Return the end of a stream that closed without its last event, or raise."""

    def feed(self, chunk: bytes) -> list[Json]:
        """Return the canonical events that this chunk completes."""
        if self.failure is not None:
            raise self.failure
        return self._read_all(self._parser.feed(chunk))

    def finish(self) -> list[Json]:
        """Return what is left at the end; raises ``StreamBroken`` on a cut stream."""
        if self.failure is not None:
            raise self.failure
        events = self._read_all(self._parser.finish())
        if self.failure is not None:
            raise self.failure
        return events if self._ended else events + self._close()

    def _read_all(self, received: Iterable[Event]) -> list[Json]:
        """Read up to the first failure, which waits if there is something to tell before it."""
        events: list[Json] = []
        for event in received:
            if self._ended:
                break
            try:
                events += self._read(event.data)
            except UpstreamError as failure:
                self.failure = failure
                if not events:
                    raise
                break
        return events


def parse(data: bytes) -> Json:
    """Return an event's JSON object; raises ``BadAnswer`` for anything else."""
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"the upstream sent an event that is not JSON: {error}") from error
    if not isinstance(event, dict):
        raise BadAnswer("the upstream sent an event that is no JSON object")
    return event
