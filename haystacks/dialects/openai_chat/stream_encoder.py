"""Canonical events -> OpenAI's chunks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import orjson

from haystacks.dialect import Json, StreamEncoder
from haystacks.dialects.citations import encode_citations, nested
from haystacks.dialects.openai_chat.arguments import encode_arguments
from haystacks.dialects.openai_chat.error import encode_error
from haystacks.dialects.openai_chat.ids import completion_id, tool_id
from haystacks.dialects.openai_chat.stop_reason import finish_reason
from haystacks.dialects.openai_chat.usage import encode_usage
from haystacks.dialects.told_usage import update_usage

_DONE: Final = b"data: [DONE]\n\n"
_PING: Final = b": ping\n\n"
_END: Final = b',"logprobs":null,"finish_reason":null}]}\n\n'


def stream_encoder(request: Json, *, clock: Callable[[], float] = time.time) -> StreamEncoder:
    """Return a fresh encoder; ``clock`` gives the Unix time that every chunk carries."""
    options = request.get("stream_options")
    wants_usage = isinstance(options, dict) and options.get("include_usage") is True
    return _Encoder(clock, wants_usage=wants_usage)


class _Encoder:
    """One answer. Blocks that OpenAI has no form for (server tools, signatures) are left out."""

    __slots__ = (
        "_annotations",
        "_calls",
        "_cited",
        "_clock",
        "_head",
        "_place",
        "_silent",
        "_told",
        "_usage",
        "_wants_usage",
    )

    def __init__(self, clock: Callable[[], float], *, wants_usage: bool) -> None:
        self._clock = clock
        self._wants_usage = wants_usage
        self._head = b""  # of every chunk, up to its choices
        self._usage: Json = {}
        self._calls: dict[int, int] = {}  # a tool block's index -> the call's
        self._silent: set[int] = set()  # calls that have got no arguments yet
        self._told = 0  # characters of text
        self._place = 0  # where in them the newest block begins
        self._cited: list[Json] = []  # by that block
        self._annotations: list[Json] = []  # of those before it

    def feed(self, event: Json) -> bytes:
        match event["type"]:
            case "content_block_delta":
                return self._delta(event["index"], event["delta"])
            case "content_block_start":
                return self._block(event["index"], event["content_block"])
            case "content_block_stop":
                return self._block_end(event["index"])
            case "message_start":
                return self._start(event["message"])
            case "message_delta":
                update_usage(self._usage, event.get("usage"))
                return self._finish(event["delta"].get("stop_reason"))
            case "message_stop":
                return self._usage_chunk() + _DONE
            case "ping":
                return _PING
        return b""

    def ping(self) -> bytes:
        return _PING

    def error(self, status: int, kind: str, message: str) -> bytes:
        """Return the error as data; no ``[DONE]`` follows, which would call the answer whole."""
        return b"data: " + orjson.dumps(encode_error(status, kind, message, "")) + b"\n\n"

    def _start(self, message: Json) -> bytes:
        head = {
            "id": completion_id(message["id"]),
            "object": "chat.completion.chunk",
            "created": int(self._clock()),
            "model": message["model"],
        }
        self._head = b"data: " + orjson.dumps(head)[:-1]
        update_usage(self._usage, message.get("usage"))
        return self._chunk({"role": "assistant", "content": ""})

    def _block(self, index: int, block: Json) -> bytes:
        match block["type"]:
            case "text":
                self._place = self._told
                return self._delta(index, {**block, "type": "text_delta"}) if block["text"] else b""
            case "thinking" if block["thinking"]:
                return self._chunk({"reasoning_content": block["thinking"]})
            case "tool_use":
                number = self._calls[index] = len(self._calls)
                arguments = ""
                if block.get("input"):  # some upstreams send all of it here, and no delta
                    arguments = encode_arguments(block["input"])
                else:
                    self._silent.add(index)
                function = {"name": block["name"], "arguments": arguments}
                call = {
                    "index": number,
                    "id": tool_id(block["id"]),
                    "type": "function",
                    "function": function,
                }
                return self._chunk({"tool_calls": [call]})
        return b""

    def _delta(self, index: int, delta: Json) -> bytes:
        match delta["type"]:
            case "text_delta":
                piece = delta["text"]
                self._told += len(piece)
                return self._said(b'{"content":', piece)
            case "thinking_delta":
                return self._said(b'{"reasoning_content":', delta["thinking"])
            case "input_json_delta" if index in self._calls and delta["partial_json"]:
                self._silent.discard(index)
                return self._arguments(index, delta["partial_json"])
            case "citations_delta":
                self._cited.append(delta["citation"])
        return b""

    def _block_end(self, index: int) -> bytes:
        """Give a call without arguments the empty object, which clients can parse."""
        if self._cited:
            self._annotations += encode_citations(self._cited, self._place, self._told)
            self._cited = []
        if index not in self._silent:
            return b""
        return self._arguments(index, "{}")

    def _arguments(self, index: int, piece: str) -> bytes:
        call = {"index": self._calls[index], "function": {"arguments": piece}}
        return self._chunk({"tool_calls": [call]})

    def _finish(self, stop: str | None) -> bytes:
        choice = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": finish_reason(stop)}
        return self._annotated() + self._head + b',"choices":[' + orjson.dumps(choice) + b"]}\n\n"

    def _annotated(self) -> bytes:
        """Return all annotations at once: the official client can't join two lists of them."""
        if not self._annotations:
            return b""
        return self._chunk({"annotations": [nested(each) for each in self._annotations]})

    def _usage_chunk(self) -> bytes:
        if not self._wants_usage:
            return b""
        usage = orjson.dumps(encode_usage(self._usage))
        return self._head + b',"choices":[],"usage":' + usage + b"}\n\n"

    def _chunk(self, delta: Json) -> bytes:
        return self._head + b',"choices":[{"index":0,"delta":' + orjson.dumps(delta) + _END

    def _said(self, field: bytes, piece: str) -> bytes:
        """Return a chunk of text or reasoning; written by hand, since most chunks are one."""
        text = orjson.dumps(piece)
        return self._head + b',"choices":[{"index":0,"delta":' + field + text + b"}" + _END
