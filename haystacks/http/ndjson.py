"""Lines of JSON: bytes, cut anywhere, to events."""

from __future__ import annotations

from haystacks.http.sse import Event


class LineParser:
    """Reads one stream, chunk by chunk; each line that is not blank is an event without a name."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the lines that this chunk completes."""
        self._parts.append(chunk)
        if b"\n" not in chunk:  # a line of many chunks is joined once, not at each
            return []
        whole, _, rest = b"".join(self._parts).rpartition(b"\n")
        self._parts = [rest]
        return _events(whole)

    def finish(self) -> list[Event]:
        """Return the last line if the stream ended without a line end."""
        rest = b"".join(self._parts)
        self._parts = []
        return _events(rest)


def _events(text: bytes) -> list[Event]:
    return [Event(b"", line) for line in text.split(b"\n") if line.strip()]
