"""Ollama's lines -> canonical events."""

from __future__ import annotations

from hashlib import sha256

from haystacks.classify import from_event
from haystacks.dialect import Json, StreamDecoder, TokenEstimate
from haystacks.dialects.block_stream import BlockStream
from haystacks.dialects.ollama import answer
from haystacks.dialects.openai_chat.arguments import encode_arguments
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.dialects.openai_chat.usage import estimated_usage
from haystacks.dialects.stream_reader import StreamReader, parse
from haystacks.errors import StreamBroken
from haystacks.http.ndjson import LineParser


def stream_decoder(estimate: TokenEstimate) -> StreamDecoder:
    """Return a fresh decoder."""
    return _Decoder(estimate)


class _Decoder(StreamReader):
    """One answer.

    Ids are made from its first line, which holds the time to the nanosecond.
    ``message_start`` waits for the first content or the end, so what fails
    before can still be tried elsewhere.
    """

    __slots__ = ("_blocks", "_calls", "_estimate", "_id", "_model", "_started")

    def __init__(self, estimate: TokenEstimate) -> None:
        super().__init__(LineParser())
        self._estimate = estimate
        self._blocks = BlockStream()
        self._calls = 0
        self._id = ""
        self._model = ""
        self._started = False

    def _read(self, data: bytes) -> list[Json]:
        line = parse(data)
        failure = from_event(line)
        if failure is not None:
            raise failure
        if not self._id:
            self._id = sha256(data).hexdigest()[:24]
            self._model = answer.text(line, "model")
        said = answer.said(line)
        events: list[Json] = []
        if thinking := answer.text(said, "thinking"):
            events += self._blocks.say("thinking", thinking)
        if text := answer.text(said, "content"):
            events += self._blocks.say("text", text)
        for call_id, name, arguments in answer.calls(said):
            made = tool_id(call_id or f"{self._id}:{self._calls}")
            self._calls += 1
            events += self._blocks.extend(
                self._blocks.call(made, name), encode_arguments(arguments)
            )
        done = line.get("done") is True
        if done:
            events += self._end(line)
        if self._started or not (events or done):
            return events
        self._started = True
        return [self._start(), *events]

    def _close(self) -> list[Json]:
        raise StreamBroken("the upstream's stream ended before its answer did")

    def _start(self) -> Json:
        return {
            "type": "message_start",
            "message": {
                "id": f"msg_{self._id}",
                "type": "message",
                "role": "assistant",
                "model": self._model,
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": estimated_usage(self._estimate.input(), 0),
            },
        }

    def _end(self, line: Json) -> list[Json]:
        events = self._blocks.close()
        reason = answer.ended(line, tools=self._blocks.calls)
        usage = answer.usage(line, self._estimate, self._blocks.output())
        self._ended = True
        delta = {"stop_reason": reason, "stop_sequence": None}
        events.append({"type": "message_delta", "delta": delta, "usage": usage})
        events.append({"type": "message_stop"})
        return events
