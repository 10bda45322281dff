"""What every wire format can do.

The canonical form between two dialects is Anthropic's Messages JSON, as plain
dicts, and its stream events. A dialect is a module of pure functions that fits
``UpstreamDialect``, ``ClientDialect`` or both; nothing in it knows of the
network or the routing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from haystacks.errors import UpstreamError
from haystacks.pool import DialectName, Model
from kg.value import value

Json = dict[str, Any]

_LONGEST_NOTE: Final = 80


@dataclass(slots=True)
class Adaptation:
    """What a translation could not keep.

    ``notes`` name what was dropped or converted without harm, and go into the
    header ``x-rolegraph-adapted``; ``refusals`` name what must not be lost, and
    turn into a 400 if the request has to be translated.
    """

    notes: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Note a kind of loss once, in characters that a header may hold.

        A note may name a field that the client made up.
        """
        safe = "".join(char if " " <= char <= "~" else "?" for char in text[:_LONGEST_NOTE])
        if safe not in self.notes:
            self.notes.append(safe)

    def refuse(self, text: str) -> None:
        """Name once what can't be given up."""
        if text not in self.refusals:
            self.refusals.append(text)


@value
class TokenEstimate:
    """Local token counts, for upstreams that name theirs late or never.

    ``input`` counts the whole request when called; ``text`` counts a piece of output.
    """

    input: Callable[[], int]
    text: Callable[[str], int]


class StreamDecoder(Protocol):
    """Turns upstream bytes, cut anywhere, into canonical events."""

    @property
    def failure(self) -> UpstreamError | None:
        """What the next call raises, whether or not anything more comes."""
        ...

    def feed(self, chunk: bytes) -> list[Json]:
        """Return the canonical events that this chunk completes.

        Raises ``UpstreamStatus`` for an error event (kind and message kept) and
        ``BadAnswer`` for data that is no event of the dialect. Events that the
        same chunk completed before the failure are not lost: they are returned
        first, and the failure is raised by the next call (``feed`` or ``finish``).
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


class UpstreamDialect(Protocol):
    """One wire format as providers speak it."""

    @property
    def name(self) -> DialectName:
        """The name that haystack files use."""
        ...

    def path(self, model: str, *, stream: bool) -> str:
        """Return the path to post to, below the haystack's location."""
        ...

    def headers(self, key: str) -> dict[str, str]:
        """Return the headers that carry the key and the dialect's version."""
        ...

    def encode_request(self, canonical: Json, model: Model, adaptation: Adaptation) -> Json:
        """Canonical request -> body for this model. Never changes its argument."""
        ...

    def decode_response(self, body: Json, estimate: TokenEstimate) -> Json:
        """Upstream's whole answer -> canonical message. Raises ``BadAnswer``."""
        ...

    def decode_error(self, status: int, body: bytes) -> tuple[str, str]:
        """Upstream's error body -> (Anthropic error type, message); any bytes are fine."""
        ...

    def stream_decoder(self, estimate: TokenEstimate) -> StreamDecoder:
        """Return a fresh decoder for one answer."""
        ...


class ClientDialect(Protocol):
    """One wire format as clients speak it; ``request`` is always the client's own body."""

    @property
    def name(self) -> DialectName:
        """The name that haystack files use."""
        ...

    def decode_request(self, body: Json, adaptation: Adaptation) -> Json:
        """Client's body -> canonical request. Raises ``BadRequest`` for what is malformed."""
        ...

    def encode_response(self, message: Json, request: Json) -> Json:
        """Canonical message -> the client's whole answer."""
        ...

    def encode_error(self, status: int, kind: str, message: str, request_id: str) -> Json:
        """Return the client's own error envelope."""
        ...

    def stream_encoder(self, request: Json) -> StreamEncoder:
        """Return a fresh encoder for one answer."""
        ...


class Dialect(UpstreamDialect, ClientDialect, Protocol):
    """One wire format, in both directions."""
