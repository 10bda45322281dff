"""Canonical events -> events of a streamed response."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import orjson

from haystacks.dialect import Json, StreamEncoder
from haystacks.dialects.openai_responses.declared_tools import DeclaredTool, declared_tools
from haystacks.dialects.openai_responses.envelope import envelope
from haystacks.dialects.openai_responses.ids import item_id, response_id
from haystacks.dialects.openai_responses.item_writers import Events, ItemWriter, item_writer
from haystacks.dialects.openai_responses.stop_reason import incomplete_reason
from haystacks.dialects.openai_responses.stream_error import error_of
from haystacks.dialects.openai_responses.usage import encode_usage
from haystacks.dialects.told_usage import update_usage
from haystacks.http.sse import frame

_PING: Final = frame(b"ping", b'{"type":"ping"}')  # Codex gives up on a stream of mere comments


def stream_encoder(request: Json, *, clock: Callable[[], float] = time.time) -> StreamEncoder:
    """Return a fresh encoder; ``clock`` gives the Unix time that the response carries.

    The tools that ``request`` declares decide how their calls are told.
    """
    return _Encoder(request, clock)


class _Encoder:
    """One answer. Text that blocks of no other kind part is one message.

    Blocks that a response has no form for (Anthropic's server tools) are left out.
    """

    __slots__ = (
        "_clock",
        "_item",
        "_number",
        "_output",
        "_request",
        "_response",
        "_stop",
        "_tools",
        "_usage",
    )

    def __init__(self, request: Json, clock: Callable[[], float]) -> None:
        self._request = request
        self._clock = clock
        self._tools = declared_tools(request)
        self._response: Json = {}
        self._output: list[Json] = []
        self._item: ItemWriter | None = None
        self._usage: Json = {}
        self._stop: str | None = None
        self._number = 0

    def feed(self, event: Json) -> bytes:
        match event["type"]:
            case "content_block_delta":
                return self._tell(self._item.write(event["delta"])) if self._item else b""
            case "content_block_start":
                return self._open(event["content_block"])
            case "content_block_stop":
                if self._item is not None and self._item.is_message:
                    return self._tell(self._item.write(event))  # more text may follow
                return self._close()
            case "message_start":
                return self._start(event["message"])
            case "message_delta":
                update_usage(self._usage, event.get("usage"))
                self._stop = event["delta"].get("stop_reason")
                return self._close()
            case "message_stop":
                return self._end()
            case "ping":
                return _PING
        return b""

    def ping(self) -> bytes:
        return _PING

    def error(self, status: int, kind: str, message: str) -> bytes:
        """Return the failure of a response that has begun; of one that passed untouched, an error.

        The official client raises at an event that holds an ``error``, and at no other.
        """
        del status
        error = error_of(kind, message)
        if not self._response:
            return self._frame("error", {**error, "param": None, "error": error})
        failed = {**self._response, "status": "failed", "output": self._output, "error": error}
        return self._frame("response.failed", {"response": failed})

    def _start(self, message: Json) -> bytes:
        update_usage(self._usage, message.get("usage"))
        self._response = envelope(
            self._request, response_id(message["id"]), message["model"], int(self._clock())
        )
        begun = {"response": self._response}
        return self._frame("response.created", begun) + self._frame("response.in_progress", begun)

    def _open(self, block: Json) -> bytes:
        if block["type"] == "text" and self._item is not None and self._item.is_message:
            return self._tell(self._item.write(block))
        name = block.get("name", "")
        tool = self._tools.get(name) or DeclaredTool(name)
        writer = item_writer(block, self._item_id, tool)
        if writer is None:
            return b""
        out = self._close()
        self._item = writer
        return out + self._tell([*writer.open(), *writer.write(block)])

    def _item_id(self, prefix: str) -> str:
        place = len(self._output) + (self._item is not None)
        return item_id(prefix, self._response["id"], place)

    def _close(self) -> bytes:
        if self._item is None:
            return b""
        events, item = self._item.close()
        self._item = None
        if item is None:
            return b""
        out = self._tell([*events, ("response.output_item.done", {"item": item})])
        self._output.append(item)
        return out

    def _end(self) -> bytes:
        reason = incomplete_reason(self._stop)
        status = "incomplete" if reason else "completed"
        ended = {
            **self._response,
            "status": status,
            "incomplete_details": {"reason": reason} if reason else None,
            "output": self._output,
            "usage": encode_usage(self._usage),
        }
        return self._frame(f"response.{status}", {"response": ended})

    def _tell(self, events: Events) -> bytes:
        place = len(self._output)
        return b"".join(
            self._frame(kind, {"output_index": place, **fields}) for kind, fields in events
        )

    def _frame(self, kind: str, fields: Json) -> bytes:
        event = {"type": kind, "sequence_number": self._number, **fields}
        self._number += 1
        return frame(kind.encode(), orjson.dumps(event))
