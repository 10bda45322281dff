"""What every wire format can do, and the table of those that exist.

The canonical form between two dialects is Anthropic's Messages JSON, as plain
dicts, and its stream events. A dialect is a set of pure functions; nothing in
it knows of the network, the clock or the routing.
"""

from __future__ import annotations

from typing import Any, Protocol

from haystacks.pool import DialectName, Model

Json = dict[str, Any]


class StreamDecoder(Protocol):
    """Turns upstream bytes, cut anywhere, into canonical events."""

    def feed(self, chunk: bytes) -> list[Json]:
        """Return the events that this chunk completes.

        Raises an ``UpstreamError`` for an error event (its kind and message
        kept) and for data that is no event of the dialect.
        """
        ...

    def finish(self) -> list[Json]:
        """Return what is left at the end; raises ``StreamBroken`` on a cut stream."""
        ...


class StreamEncoder(Protocol):
    """Turns canonical events into the client's bytes."""

    def feed(self, event: Json) -> bytes:
        """Return the bytes of one canonical event; may be empty."""
        ...

    def ping(self) -> bytes:
        """Return what keeps the client waiting without saying anything."""
        ...

    def error(self, status: int, kind: str, message: str) -> bytes:
        """Return an error event: the end of a stream that broke."""
        ...


class Dialect(Protocol):
    """One wire format, in both directions."""

    name: DialectName

    def path(self, model: str, *, stream: bool) -> str:
        """Return the path to post to, below the haystack's location."""
        ...

    def headers(self, key: str) -> dict[str, str]:
        """Return the headers that carry the key and the dialect's version."""
        ...

    def decode_request(self, body: Json) -> Json:
        """Client's body -> canonical request. Raises ``BadRequest``."""
        ...

    def encode_request(self, canonical: Json, model: Model) -> Json:
        """Canonical request -> body for this model. Never changes its argument.

        Raises ``BadRequest`` for what the dialect cannot express.
        """
        ...

    def decode_response(self, body: Json) -> Json:
        """Upstream's whole answer -> canonical message. Raises ``BadAnswer``."""
        ...

    def encode_response(self, message: Json) -> Json:
        """Canonical message -> the client's whole answer."""
        ...

    def decode_error(self, status: int, body: bytes) -> tuple[str, str]:
        """Upstream's error body -> (Anthropic error type, message); any bytes are fine."""
        ...

    def encode_error(self, status: int, kind: str, message: str, request_id: str) -> Json:
        """Return the client's own error envelope."""
        ...

    def stream_decoder(self, request: Json) -> StreamDecoder:
        """Return a fresh decoder; the canonical request gives what it must estimate."""
        ...

    def stream_encoder(self, request: Json, request_id: str) -> StreamEncoder:
        """Return a fresh encoder; ``request`` is the client's own body."""
        ...
