"""A provider that costs next to nothing: fixed answers, nothing parsed.

``python -m bench.upstream --events 200 --interval 0.002`` prints its port. The
events of a stream leave ``interval`` seconds apart, as a model's do: sent at
once, they would reach the proxy glued together, and one read would pass for
many events.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, cast

import orjson
import uvloop

WORDS: Final = "The quick answer to this question is that it depends on the case. "
_USAGE: Final = {"input_tokens": 500, "output_tokens": 200}


def anthropic_message() -> dict[str, Any]:
    """Return the fixed whole answer of ``/v1/messages``."""
    return {
        "id": "msg_bench",
        "type": "message",
        "role": "assistant",
        "model": "bench",
        "content": [{"type": "text", "text": WORDS * 8}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": _USAGE,
    }


def openai_message() -> dict[str, Any]:
    """Return the fixed whole answer of ``/v1/chat/completions``."""
    message = {"role": "assistant", "content": WORDS * 8}
    return {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "bench",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 500, "completion_tokens": 200, "total_tokens": 700},
    }


def anthropic_events(count: int) -> Iterator[bytes]:
    """Yield ``count`` text deltas, and what must stand around them."""
    block = {"type": "text", "text": ""}
    yield _named({"type": "message_start", "message": anthropic_message() | {"content": []}})
    yield _named({"type": "content_block_start", "index": 0, "content_block": block})
    delta = {"type": "text_delta", "text": "word "}
    for _ in range(count):
        yield _named({"type": "content_block_delta", "index": 0, "delta": delta})
    yield _named({"type": "content_block_stop", "index": 0})
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    yield _named({"type": "message_delta", "delta": end, "usage": _USAGE})
    yield _named({"type": "message_stop"})


def openai_events(count: int) -> Iterator[bytes]:
    """Yield ``count`` content deltas, the finish, the usage and ``[DONE]``."""
    said: Iterator[dict[str, Any]] = chain(
        ({"delta": {"content": "word "}, "finish_reason": None} for _ in range(count)),
        [{"delta": {}, "finish_reason": "stop"}],
    )
    frame = openai_message() | {"object": "chat.completion.chunk"}
    for choice in said:
        yield _data(frame | {"choices": [{"index": 0, **choice}], "usage": None})
    yield _data(frame | {"choices": []})
    yield b"data: [DONE]\n\n"


def _named(event: dict[str, Any]) -> bytes:
    return b"event: %b\n%b" % (event["type"].encode(), _data(event))


def _data(event: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % orjson.dumps(event)


def _whole(message: dict[str, Any]) -> bytes:
    body = orjson.dumps(message)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
    return head % (len(body), body)


def chunks(events: Iterator[bytes]) -> list[bytes]:
    """Return the writes that send the events: the head with the first, the end by itself."""
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    first, *rest = (b"%x\r\n%b\r\n" % (len(event), event) for event in events)
    return [head + first, *rest, b"0\r\n\r\n"]


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that will ever be sent, ready for the socket."""

    whole: bytes
    stream: Sequence[bytes]


class Provider(asyncio.Protocol):
    """One connection: finds the end of each request, and sends what was made before."""

    def __init__(self, anthropic: Answers, openai: Answers, interval: float) -> None:
        self._anthropic = anthropic
        self._openai = openai
        self._interval = interval
        self._loop = asyncio.get_running_loop()
        self._ahead = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        # A cast, since uvloop's transports are no subclass.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer once the body is complete; requests with a length only."""
        self._ahead += data
        head, found, body = self._ahead.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0):
            return
        self._ahead = b""
        answers = self._openai if b"/chat/completions " in head else self._anthropic
        if b'"stream":true' in body or b'"stream": true' in body:
            self._send(answers.stream, 0)
        else:
            self._transport.write(answers.whole)

    def _send(self, stream: Sequence[bytes], at: int) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(stream[at])
        if at + 1 < len(stream):
            self._loop.call_later(self._interval, self._send, stream, at + 1)


async def serve(port: int, events: int, interval: float) -> None:
    """Listen until killed; the port is the only line of output."""
    anthropic = Answers(_whole(anthropic_message()), chunks(anthropic_events(events)))
    openai = Answers(_whole(openai_message()), chunks(openai_events(events)))
    server = await asyncio.get_running_loop().create_server(
        lambda: Provider(anthropic, openai, interval), "127.0.0.1", port
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the options and serve."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--events", type=int, default=200, help="text deltas of a stream")
    options.add_argument("--interval", type=float, default=0.002, help="seconds between events")
    chosen = options.parse_args()
    uvloop.run(serve(chosen.port, chosen.events, chosen.interval))


if __name__ == "__main__":
    main()
