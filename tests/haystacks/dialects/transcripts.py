"""Whole streams kept as files: an upstream's bytes, the canonical events, a client's bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from haystacks.dialect import Json, StreamDecoder, StreamEncoder, TokenEstimate
from haystacks.dialects.anthropic import stream as anthropic
from haystacks.dialects.gemini import stream_decoder as gemini
from haystacks.dialects.ollama import stream_decoder as ollama
from haystacks.dialects.openai_chat import stream_decoder as openai_decoder
from haystacks.dialects.openai_chat import stream_encoder as openai_encoder
from haystacks.dialects.openai_responses import stream_decoder as responses_decoder

FOLDER = Path(__file__).parent / "golden" / "streams"
_UPSTREAMS = {
    path.stem: path
    for path in FOLDER.iterdir()
    if path.suffix in (".sse", ".ndjson") and not path.name.endswith(".client.sse")
}
NAMES = sorted(_UPSTREAMS)
"""``<upstream's dialect>.<what it shows>``; the client speaks the other dialect."""

ESTIMATE = TokenEstimate(input=lambda: 42, text=len)

_DECODERS: dict[str, Callable[[], StreamDecoder]] = {
    "anthropic": lambda: anthropic.stream_decoder(ESTIMATE),
    "gemini": lambda: gemini.stream_decoder(ESTIMATE, new_id=lambda: "made"),
    "ollama": lambda: ollama.stream_decoder(ESTIMATE),
    "openai_chat": lambda: openai_decoder.stream_decoder(ESTIMATE, new_id=lambda: "made"),
    "openai_responses": lambda: responses_decoder.stream_decoder(ESTIMATE),
}


def upstream(name: str) -> bytes:
    return _UPSTREAMS[name].read_bytes()


def decoder(name: str) -> StreamDecoder:
    return _DECODERS[name.partition(".")[0]]()


def encoder(name: str) -> StreamEncoder:
    if name.startswith("anthropic"):
        request = {"stream_options": {"include_usage": True}}
        return openai_encoder.stream_encoder(request, clock=lambda: 1763712345.6)
    return anthropic.stream_encoder({})


def decoded(stream: StreamDecoder, *chunks: bytes) -> list[Json]:
    return [event for chunk in chunks for event in stream.feed(chunk)] + stream.finish()


def encoded(stream: StreamEncoder, events: list[Json]) -> bytes:
    return b"".join(map(stream.feed, events))
