"""OpenAI's chunks -> canonical events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from haystacks.classify import from_event
from haystacks.dialect import Json, StreamDecoder, TokenEstimate
from haystacks.dialects.block_stream import BlockStream
from haystacks.dialects.citations import decode_annotations
from haystacks.dialects.openai_chat.ids import message_id
from haystacks.dialects.openai_chat.stop_reason import FAILED, stop_reason
from haystacks.dialects.openai_chat.tool_calls import ToolCalls
from haystacks.dialects.openai_chat.usage import decode_usage, estimated_usage
from haystacks.dialects.stream_reader import StreamReader, parse
from haystacks.errors import BadAnswer, StreamBroken

_DONE: Final = b"[DONE]"


def stream_decoder(
    estimate: TokenEstimate, *, new_id: Callable[[], str] = lambda: uuid4().hex
) -> StreamDecoder:
    """Return a fresh decoder; ``new_id`` names a message that the upstream did not name."""
    return _Decoder(estimate, new_id)


class _Decoder(StreamReader):
    """One answer.

    ``message_start`` waits for the first content or the finish reason, so what
    fails behind an opening chunk that says nothing can still be tried elsewhere.
    ``estimate.text`` is asked only where the upstream named no usage.
    """

    __slots__ = (
        "_blocks",
        "_calls",
        "_estimate",
        "_finish",
        "_id",
        "_model",
        "_new_id",
        "_refused",
        "_started",
        "_usage",
    )

    def __init__(self, estimate: TokenEstimate, new_id: Callable[[], str]) -> None:
        super().__init__()
        self._estimate = estimate
        self._new_id = new_id
        self._blocks = BlockStream()
        self._calls = ToolCalls(self._blocks)
        self._id = ""
        self._model = ""
        self._finish = ""
        self._usage: Json | None = None
        self._refused = False
        self._started = False

    def _read(self, data: bytes) -> list[Json]:
        if data.startswith(_DONE):
            return self._end()
        chunk = parse(data)
        if "choices" not in chunk or "error" in chunk:
            failure = from_event(chunk)
            if failure is not None:
                raise failure
        self._note(chunk)
        choices = chunk.get("choices")
        if not choices:
            return []
        choice = choices[0] if isinstance(choices, list) else None
        if not isinstance(choice, dict):
            raise BadAnswer("the upstream sent a chunk whose choices are none")
        if choice.get("index"):
            return []  # a second answer, which nobody asked for
        if "usage" in choice:
            self._note(choice)  # Moonshot's place for it
        return self._choice(choice)

    def _close(self) -> list[Json]:
        """End without ``[DONE]``, which is fine behind a finish reason."""
        if not self._finish:
            raise StreamBroken("the upstream's stream ended before its answer did")
        return self._end()

    def _note(self, chunk: Json) -> None:
        """Keep what a chunk says of the whole answer."""
        usage = chunk.get("usage")
        if usage and isinstance(usage, dict):
            self._usage = usage
        if not (self._id and self._model):
            self._id = self._id or _text(chunk.get("id"))
            self._model = self._model or _text(chunk.get("model"))

    def _choice(self, choice: Json) -> list[Json]:
        delta = choice.get("delta") or {}
        if not isinstance(delta, dict):
            raise BadAnswer("the upstream sent a delta that is none")
        content, finish = delta.get("content"), choice.get("finish_reason")
        if self._started and len(delta) == 1 and not finish and isinstance(content, str):
            return self._blocks.say("text", content) if content else []  # so most chunks are
        events: list[Json] = []
        if thinking := _thinking(delta):
            events += self._blocks.say("thinking", thinking)
        if content:
            for kind, piece in _pieces(content):
                events += self._blocks.say(kind, piece)
        if refusal := _text(delta.get("refusal")):
            self._refused = True
            events += self._blocks.say("text", refusal)
        if annotations := delta.get("annotations"):
            self._blocks.cite(decode_annotations(annotations))
        calls = delta.get("tool_calls")
        if calls:
            events += self._tool_calls(calls)
        if finish and isinstance(finish, str):
            if finish in FAILED:
                raise BadAnswer(f"the upstream ended its answer with {finish!r}")
            self._finish = finish
        if self._started or not (events or self._finish):
            return events
        return [self._start(), *events]

    def _tool_calls(self, calls: object) -> list[Json]:
        if not isinstance(calls, list):
            raise BadAnswer("the upstream sent tool calls that are no list")
        self._id = self._id or self._new_id()
        return [event for call in calls for event in self._calls.add(call, self._id)]

    def _start(self) -> Json:
        self._started = True
        self._id = self._id or self._new_id()
        if self._usage is None:
            usage = estimated_usage(self._estimate.input(), 0)
        else:
            usage = decode_usage(self._usage) | {"output_tokens": 0}
        return {
            "type": "message_start",
            "message": {
                "id": message_id(self._id),
                "type": "message",
                "role": "assistant",
                "model": self._model,
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": usage,
            },
        }

    def _end(self) -> list[Json]:
        """Return the rest of the answer: it is complete, and its usage known or never told."""
        events = self._blocks.close()
        if not self._started:
            if not self._finish:
                raise BadAnswer("the upstream closed an answer that says nothing")
            events.append(self._start())
        self._ended = True
        reason = stop_reason(self._finish, tools=self._blocks.calls)
        if self._refused and reason == "end_turn":
            reason = "refusal"
        if self._usage is None:
            written = self._estimate.text(self._blocks.output())
            usage = estimated_usage(self._estimate.input(), written)
        else:
            usage = decode_usage(self._usage)
        delta = {"stop_reason": reason, "stop_sequence": None}
        events.append({"type": "message_delta", "delta": delta, "usage": usage})
        events.append({"type": "message_stop"})
        return events


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _thinking(delta: Json) -> str:
    """Return the reasoning; where a provider sends it under two names, it is the same twice."""
    if thinking := delta.get("reasoning_content") or delta.get("reasoning"):
        return _text(thinking)
    details = delta.get("reasoning_details")
    if not isinstance(details, list):
        return ""
    return "".join(
        _text(detail.get("text")) or _text(detail.get("summary"))
        for detail in details
        if isinstance(detail, dict)
    )


def _pieces(content: Any) -> list[tuple[str, str]]:
    """Return (block type, text) of a delta's content; Mistral's is a list of parts."""
    if isinstance(content, str):
        return [("text", content)]
    if not isinstance(content, list):
        raise BadAnswer("the upstream sent content that is no text")
    pieces: list[tuple[str, str]] = []
    for part in content:
        if not isinstance(part, dict):
            continue
        if part.get("type") == "thinking" and isinstance(part.get("thinking"), list):
            pieces += [("thinking", piece) for _, piece in _pieces(part["thinking"])]
        elif text := _text(part.get("text")):
            pieces.append(("text", text))
    return pieces
