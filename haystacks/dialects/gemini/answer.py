"""One answer of Gemini's as it grows: whole answers and the chunks of a stream are alike."""

from __future__ import annotations

from typing import Any

import orjson

from haystacks.dialect import Json, TokenEstimate
from haystacks.dialects.block_stream import BlockStream
from haystacks.dialects.gemini.grounding import decode_grounding
from haystacks.dialects.gemini.stop_reason import blocked, check_finish, stop_reason
from haystacks.dialects.gemini.thought_signature import Signed, seal
from haystacks.dialects.gemini.usage import decode_usage
from haystacks.dialects.openai_chat.ids import message_id, tool_id
from haystacks.dialects.openai_chat.usage import estimated_usage
from haystacks.errors import BadAnswer


class Answer:
    """What is known of an answer; ``identity`` names it where Google does not.

    ``finish`` is the reason why it ended, and empty until it has.
    """

    __slots__ = ("_calls", "_estimate", "_id", "_model", "_said", "_usage", "blocks", "finish")

    def __init__(self, identity: str, estimate: TokenEstimate) -> None:
        self._estimate = estimate
        self._id = identity
        self._model = ""
        self._usage: Json | None = None
        self._calls: set[str] = set()
        self._said = ""
        self.blocks = BlockStream()
        self.finish = ""

    def read(self, chunk: Json) -> list[Json]:
        """Take in a chunk and return the events of its content.

        Raises ``BadAnswer`` for what is no chunk, or says that the model broke down.
        """
        candidate = self._candidate(chunk)
        self._id = _text(chunk.get("responseId")) or self._id
        self._model = _text(chunk.get("modelVersion")) or self._model
        if isinstance(usage := chunk.get("usageMetadata"), dict):
            self._usage = usage
        if blocked(chunk):
            self.finish = "SAFETY"
        if candidate is None:
            return []
        content = candidate.get("content") or {}
        parts = content.get("parts") or [] if isinstance(content, dict) else None
        if not isinstance(parts, list):
            raise BadAnswer("the upstream sent content that is none")
        events = [event for part in parts for event in self._part(part)]
        if "groundingMetadata" in candidate:
            self.blocks.cite(decode_grounding(candidate))
        self.finish = check_finish(candidate) or self.finish
        return events

    def message(self, usage: Json, *, stop: str | None = None) -> Json:
        """Return the canonical message without its content, as it begins or ends."""
        return {
            "id": message_id(self._id),
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": [],
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": usage,
        }

    def stop_reason(self) -> str:
        """Return the canonical stop reason; raises ``BadAnswer`` if nothing was said."""
        calls = self.blocks.calls
        return stop_reason(self.finish, calls=calls, content=bool(self._said) or calls)

    def usage(self) -> Json:
        """Return the counts so far; where Google named none, the answer is counted here."""
        if self._usage is not None:
            return decode_usage(self._usage)
        output = self._estimate.text(self.blocks.output()) if self.finish else 0
        return estimated_usage(self._estimate.input(), output)

    def _candidate(self, chunk: Json) -> Json | None:
        """Return the chunk's answer; some only bring counts, or say that all is blocked."""
        candidates: Any = chunk.get("candidates")
        if not candidates:
            if "usageMetadata" in chunk or blocked(chunk):
                return None
            raise BadAnswer("the upstream sent neither an answer nor the reason for none")
        candidate = candidates[0] if isinstance(candidates, list) else None
        if not isinstance(candidate, dict):
            raise BadAnswer("the upstream sent candidates that are none")
        return None if candidate.get("index") else candidate

    def _part(self, part: Any) -> list[Json]:
        if not isinstance(part, dict):
            raise BadAnswer("the upstream sent a part that is none")
        signature = _text(part.get("thoughtSignature"))
        if "functionCall" in part:
            return self._call(part["functionCall"], signature)
        text = _text(part.get("text"))
        if part.get("thought") is True:
            return self._think(text, signature)
        return self._say(text, signature)

    def _think(self, text: str, signature: str) -> list[Json]:
        if not text:
            return []
        self._said = "thinking"
        events = self.blocks.say("thinking", text)
        return events + self._sign("thought", signature)

    def _say(self, text: str, signature: str) -> list[Json]:
        """Add text. Its signature must stand before it, and so is lost once it has begun.

        Google wants it back for the sake of quality, and misses it without an error.
        """
        if not text:
            return []
        events = [] if self._said == "text" else self._sign("text", signature)
        self._said = "text"
        return events + self.blocks.say("text", text)

    def _call(self, call: Any, signature: str) -> list[Json]:
        """Add a call, which is always whole. One that comes again under its own id is told once."""
        name = call.get("name") if isinstance(call, dict) else None
        if not isinstance(name, str) or not name:
            raise BadAnswer("the upstream called a tool without naming it")
        arguments = call.get("args") or {}
        if not isinstance(arguments, dict):
            raise BadAnswer("the upstream called a tool with arguments that are no object")
        call_id = tool_id(_text(call.get("id")) or f"{self._id}:{len(self._calls)}")
        if call_id in self._calls:
            return []
        self._calls.add(call_id)
        self._said = "call"
        events = self._sign("functionCall", signature)
        block = self.blocks.call(call_id, name)
        return events + self.blocks.extend(block, orjson.dumps(arguments).decode())

    def _sign(self, field: Signed, signature: str) -> list[Json]:
        return self.blocks.sign(seal(field, signature)) if signature else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
