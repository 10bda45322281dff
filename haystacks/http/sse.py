"""Server-sent events: bytes, cut anywhere, to events and back.

After the WHATWG specification: lines end in LF, CRLF or CR, a blank line ends
an event, comments and unknown fields are skipped. Unlike it, an event with
empty data is skipped too (a provider's sign of life), and one that the end of
the stream leaves without its blank line can still be read.
"""

from __future__ import annotations

from typing import NamedTuple

_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event: its name (empty if it has none) and its data."""

    name: bytes
    data: bytes


class EventParser:
    """Reads one stream, chunk by chunk."""

    __slots__ = ("_after_cr", "_begun", "_parts")

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._begun = False
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that this chunk completes."""
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if not self._parts and chunk.endswith(b"\n\n"):  # whole events, as they mostly come
            return self._events(chunk[:-2])
        self._parts.append(chunk)
        if b"\n" not in chunk:  # an event of many chunks is joined once, not at each
            return []
        text = b"".join(self._parts) if len(self._parts) > 1 else chunk
        end = text.rfind(b"\n\n")
        if end < 0:
            self._parts = [text]
            return []
        rest = text[end + 2 :]
        self._parts = [rest] if rest else []
        return self._events(text[:end])

    def finish(self) -> list[Event]:
        """Return the last event if the stream ended without its blank line."""
        text = b"".join(self._parts)
        self._parts = []
        return self._events(text)

    def _events(self, text: bytes) -> list[Event]:
        if not self._begun:
            self._begun = True
            text = text.removeprefix(_BOM)
        if b"\n\n" not in text:
            event = _event(text)
            return [event] if event else []
        return [event for block in text.split(b"\n\n") if (event := _event(block))]


def events(text: bytes) -> list[Event]:
    """Return the events of a whole piece of a stream."""
    parser = EventParser()
    return parser.feed(text) + parser.finish()


def end_of_events(text: bytes) -> int:
    """Return where the last whole event ends: the place after its blank line, or 0."""
    end = text.rfind(b"\n\n") + 2
    if b"\r" in text:
        end = max(end, text.rfind(b"\n\r\n") + 3, text.rfind(b"\n\r") + 2, text.rfind(b"\r\r") + 2)
    return end if end > 2 else 0  # nothing found gives 1 or 2, where no event can end


def frame(name: bytes, data: bytes) -> bytes:
    """Return the bytes of one event; ``data`` holds no line end, as JSON from orjson."""
    return b"event: %b\ndata: %b\n\n" % (name, data)


def _event(block: bytes) -> Event | None:
    if len(block) > 6 and block.startswith(b"data: ") and b"\n" not in block:
        return Event(b"", block[6:])
    name = b""
    data: list[bytes] = []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" "))
        elif field == b"event":
            name = value.removeprefix(b" ")
    return Event(name, b"\n".join(data)) if any(data) else None
