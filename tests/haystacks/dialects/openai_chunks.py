"""An OpenAI upstream's stream, said chunk by chunk."""

import orjson

from haystacks.dialect import Json, StreamDecoder
from haystacks.dialects.openai_chat.stream_decoder import stream_decoder
from tests.haystacks.dialects.event_order import told
from tests.haystacks.dialects.transcripts import ESTIMATE, decoded

DONE = b"data: [DONE]\n\n"


def fresh() -> StreamDecoder:
    return stream_decoder(ESTIMATE, new_id=lambda: "made")


def data(body: object) -> bytes:
    return b"data: " + orjson.dumps(body) + b"\n\n"


def chunk(delta: object, finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return data({"id": "chatcmpl-1", "model": "m", "choices": [choice], **more})


def message(*chunks: bytes) -> Json:
    return told(decoded(fresh(), *chunks))


def call(arguments: object, **more: object) -> Json:
    name = more.pop("name", None)
    return {"tool_calls": [{"function": {"name": name, "arguments": arguments}, **more}]}
