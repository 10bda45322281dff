"""Watches a stream that passes untouched, because both sides speak the same dialect."""

from __future__ import annotations

import re
from typing import Final

from haystacks.classify import from_event
from haystacks.dialect import Json
from haystacks.dialects.openai_chat import stop_reason as chat_stop
from haystacks.dialects.openai_chat import usage as chat
from haystacks.dialects.openai_responses import stop_reason as responses_stop
from haystacks.dialects.openai_responses import usage as responses
from haystacks.dialects.stream_reader import parse
from haystacks.dialects.told_usage import update_usage
from haystacks.errors import BadAnswer, StreamBroken, UpstreamStatus
from haystacks.http.sse import end_of_events, events
from haystacks.pool import DialectName

_DONE: Final = b"[DONE]"

_TEXT: Final = rb'": ?"([^"\\]*+(?:\\.[^"\\]*+)*+)"'

# What a model says, thinks or calls. A response tells it twice, in deltas and as a whole.
_SAID: Final[dict[DialectName, re.Pattern[bytes]]] = {
    "anthropic": re.compile(rb'"(?:text|thinking|partial_json)' + _TEXT),
    "openai_chat": re.compile(rb'"(?:content|reasoning_content|arguments)' + _TEXT),
    "openai_responses": re.compile(rb'"delta' + _TEXT),
}

# What was said is asked for where an answer broke off, or nobody told its counts: most
# are never looked through. A long one is, so that no more than this is kept of it.
_PASSED_BYTES: Final = 64 * 1024

# Only an event that holds one of these is parsed. None can stand inside a JSON
# text with its quotes; the two without quotes cost a needless look at most.
_USAGE: Final = (b'"usage":{', b'"usage": {')
_TELLING: Final[dict[DialectName, tuple[bytes, ...]]] = {
    "anthropic": (b'"usage"', b'"error"', b"message_stop"),
    "openai_chat": (*_USAGE, b'"error"', b'"finish_reason":"', b'"finish_reason": "', _DONE),
    "openai_responses": (
        b"response.completed",
        b"response.incomplete",
        b"response.failed",
        b'"error"',
    ),
}

# What a response holds that a client runs.
_CALLS: Final = ("function_call", "custom_tool_call")

# Events that a response may still fail behind: another candidate may be tried after them.
_NOT_YET: Final = ("ping", "response.created", "response.queued", "response.in_progress")


class Relay:
    """One answer. Bytes come out as they went in, whole events at a time.

    So an error event may follow whatever was sent. ``started``: the first
    meaningful event was seen; until then nothing comes out. ``complete``: the
    last one was. ``usage`` holds the counts named so far, in the canonical form, and
    ``stop_reason`` why the answer ended.
    ``said`` is the output so far, to be counted where nobody names its count.
    ``error`` is the error event, if one passed.
    """

    __slots__ = (
        "_dialect",
        "_finished",
        "_passed",
        "_rest",
        "_said",
        "_size",
        "_telling",
        "complete",
        "error",
        "started",
        "stop_reason",
        "usage",
    )

    def __init__(self, dialect: DialectName) -> None:
        self._dialect = dialect
        self._telling = _TELLING[dialect]
        self._rest = b""
        self._passed: list[bytes] = []  # of it nobody has looked yet for what was said
        self._size = 0
        self._said: list[bytes] = []
        self._finished = False
        self.started = False
        self.complete = False
        self.stop_reason = ""
        self.usage: Json = {}
        self.error: UpstreamStatus | None = None

    def feed(self, chunk: bytes) -> bytes:
        """Return the whole events so far; the begun one waits for its end.

        Raises an ``UpstreamStatus`` for an error event before any other, and
        ``BadAnswer`` if the first event is none; later ones pass.
        """
        text = self._rest + chunk
        end = len(text) if text.endswith(b"\n\n") else end_of_events(text)
        whole = text[:end]
        if not self.started:
            self._look(whole)
            if not self.started:
                self._rest = text
                return b""
        else:
            for mark in self._telling:
                if mark in whole:
                    self._look(whole)
                    break
        self._rest = text[end:]
        self._passed.append(whole)
        self._size += len(whole)
        if self._size > _PASSED_BYTES:
            self._hear()
        return whole

    @property
    def said(self) -> str:
        """The output so far, its escapes as they came."""
        self._hear()
        return b"".join(self._said).decode("utf-8", "replace")

    def finish(self) -> bytes:
        """Return the rest; raises ``StreamBroken`` if the answer was not complete."""
        rest, self._rest = self._rest, b""
        self._look(rest)
        if not (self.complete or self._finished or self.error):
            raise StreamBroken("the upstream's stream ended before its answer did")
        return rest

    def _hear(self) -> None:
        """Look for what was said in what has passed."""
        passed, self._passed, self._size = b"".join(self._passed), [], 0
        self._said += _SAID[self._dialect].findall(passed)

    def _look(self, text: bytes) -> None:
        for _, data in events(text):
            if data.startswith(_DONE):
                self.complete |= self.started and self._dialect == "openai_chat"
                continue
            event = self._parsed(data)
            if event is None:
                continue
            failure = from_event(event)
            if failure is not None:
                if not self.started:
                    raise failure
                self.error = failure
            elif event.get("type") in _NOT_YET:
                continue
            self.started = True
            match self._dialect:
                case "anthropic":
                    self._read_event(event)
                case "openai_responses":
                    self._read_response(event)
                case _:
                    self._read_chunk(event)

    def _parsed(self, data: bytes) -> Json | None:
        """Return an event's JSON; ``None`` for a later one that is not, which passes as it is."""
        try:
            return parse(data)
        except BadAnswer:
            if not self.started:
                raise
            return None

    def _read_event(self, event: Json) -> None:
        match event.get("type"):
            case "message_start" if isinstance(message := event.get("message"), dict):
                update_usage(self.usage, message.get("usage"))
            case "message_delta":
                update_usage(self.usage, event.get("usage"))
                if isinstance(delta := event.get("delta"), dict):
                    self.stop_reason = str(delta.get("stop_reason") or "")
            case "message_stop":
                self.complete = True

    def _read_response(self, event: Json) -> None:
        if event.get("type") in ("response.completed", "response.incomplete"):
            self.complete = True
            response = event.get("response")
            if not isinstance(response, dict):
                return
            if isinstance(usage := response.get("usage"), dict):
                self.usage = responses.decode_usage(usage)
            output = response.get("output")
            kinds = [str(item.get("type")) for item in output or () if isinstance(item, dict)]
            calls = any(kind in _CALLS for kind in kinds)
            self.stop_reason = responses_stop.stop_reason(response, calls=calls, refused=False)

    def _read_chunk(self, chunk: Json) -> None:
        if isinstance(usage := chunk.get("usage"), dict):
            self.usage = chat.decode_usage(usage)
        choices = chunk.get("choices")
        choice = choices[0] if choices and isinstance(choices, list) else None
        if isinstance(choice, dict) and (reason := choice.get("finish_reason")):
            self._finished = True
            self.stop_reason = chat_stop.stop_reason(str(reason), tools="call" in str(reason))
