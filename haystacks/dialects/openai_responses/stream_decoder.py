"""Events of a streamed response -> canonical events."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from haystacks.classify import from_event
from haystacks.dialect import Json, StreamDecoder, TokenEstimate
from haystacks.dialects.block_stream import BlockStream
from haystacks.dialects.openai_chat.usage import estimated_usage
from haystacks.dialects.openai_responses.ids import message_id
from haystacks.dialects.openai_responses.stop_reason import stop_reason
from haystacks.dialects.openai_responses.streamed_items import StreamedItems
from haystacks.dialects.openai_responses.usage import decode_usage
from haystacks.dialects.stream_reader import StreamReader, parse
from haystacks.errors import StreamBroken

_ENDS: Final = ("response.completed", "response.incomplete")


def stream_decoder(estimate: TokenEstimate) -> StreamDecoder:
    """Return a fresh decoder for one answer."""
    return _Decoder(estimate)


class _Decoder(StreamReader):
    """One answer.

    ``message_start`` waits for the first content, so that a response which was
    created and then failed can still be tried elsewhere. ``estimate.text`` is
    asked only where the upstream named no usage.
    """

    __slots__ = ("_blocks", "_estimate", "_id", "_items", "_model", "_started")

    def __init__(self, estimate: TokenEstimate) -> None:
        super().__init__()
        self._estimate = estimate
        self._blocks = BlockStream()
        self._items = StreamedItems(self._blocks)
        self._id = ""
        self._model = ""
        self._started = False

    def _read(self, data: bytes) -> list[Json]:
        event = parse(data)
        kind = event.get("type")
        if isinstance(kind, str) and kind.startswith("response."):
            events = self._items.add(kind, event)
            if events:
                return events if self._started else [self._start(), *events]
        failure = from_event(event)
        if failure is not None:
            raise failure
        response = event.get("response")
        return self._whole(kind, response) if isinstance(response, dict) else []

    def _close(self) -> list[Json]:
        raise StreamBroken("the upstream's stream ended before its response did")

    def _whole(self, kind: object, response: Json) -> list[Json]:
        """Read what an event tells of the whole response."""
        if not self._id and isinstance(response.get("id"), str):
            self._id = response["id"]
        if not self._model and isinstance(response.get("model"), str):
            self._model = response["model"]
        return self._end(response) if kind in _ENDS else []

    def _start(self) -> Json:
        self._started = True
        return {
            "type": "message_start",
            "message": {
                "id": message_id(self._id or uuid4().hex),
                "type": "message",
                "role": "assistant",
                "model": self._model,
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": estimated_usage(self._estimate.input(), 0),
            },
        }

    def _end(self, response: Json) -> list[Json]:
        """Return the rest of the answer, also what no earlier event told."""
        self._ended = True
        events = self._items.add_all(response.get("output"))
        events += self._blocks.close()
        if not self._started:
            events.insert(0, self._start())
        reason = stop_reason(response, calls=self._blocks.calls, refused=self._items.refused)
        usage = response.get("usage")
        if usage and isinstance(usage, dict):
            told = decode_usage(usage)
        else:
            written = self._estimate.text(self._blocks.output())
            told = estimated_usage(self._estimate.input(), written)
        delta = {"stop_reason": reason, "stop_sequence": None}
        events.append({"type": "message_delta", "delta": delta, "usage": told})
        events.append({"type": "message_stop"})
        return events
