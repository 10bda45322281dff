"""One call for embeddings: OpenAI's format, which every provider of embeddings speaks too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import orjson

from haystacks.answer import Answer
from haystacks.attempt import object_of, passed, raise_status
from haystacks.classify import from_event
from haystacks.dialects.openai_chat.usage import decode_usage
from haystacks.dialects.table import UPSTREAMS
from haystacks.errors import BadAnswer, BadRequest
from haystacks.http.call import Call
from haystacks.pool import Candidate, DialectName
from haystacks.request import Request, forwarded
from haystacks.splice import replace_model
from haystacks.upstream import Send
from haystacks.usage import Usage

# Below the location of a haystack of each dialect; Anthropic has none.
PATHS: Final[Mapping[DialectName, str]] = {
    "openai_chat": "/embeddings",
    "openai_responses": "/embeddings",
    "ollama": "/v1/embeddings",
    "gemini": "/openai/embeddings",
}

# The vectors between may be megabytes: they are not read for the sake of a number.
_AT_AN_END: Final = 4096
_USAGE: Final = re.compile(rb'"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})')


async def embed(
    request: Request, candidate: Candidate, key: str, send: Send, _may: Callable[[], bool]
) -> Answer:
    """Return this candidate's embeddings: the client's bytes go there but for the model's name.

    And the answer's come back. Raises as ``attempt`` does.
    """
    haystack = candidate.haystack
    if haystack.dialect not in PATHS:
        raise BadRequest(f"{haystack.dialect} has no embeddings")
    headers = {
        **forwarded(request.headers),
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",
        **UPSTREAMS["openai_chat"].headers(key),
        **haystack.headers,
    }
    body = replace_model(request.body, request.parsed.get("model"), candidate.model.id)
    url = haystack.location + PATHS[haystack.dialect]
    reply = await send(haystack, Call(url, headers, body, haystack.timeouts, whole=True))
    try:
        if reply.status >= 300:
            await raise_status(reply, candidate.haystack, "openai_chat", request, key)
        told = await reply.read()
        _check(told)
        usage = partial(_usage, told, request)
        return Answer(candidate, passed(reply.headers), (), usage, body=told)
    finally:
        reply.close()


def _check(body: bytes) -> None:
    """Raise an ``UpstreamError`` unless a body that came with a good status is a list."""
    bare = body.strip()
    if bare[:1] == b"{" and bare[-1:] == b"}" and b'"data"' in bare:
        return
    raise from_event(object_of(bare)) or BadAnswer("the upstream's answer holds no embeddings")


def _usage(body: bytes, request: Request) -> Usage:
    """Return what the embeddings cost; our own count where the provider tells none."""
    found = _USAGE.search(body[-_AT_AN_END:]) or _USAGE.search(body[:_AT_AN_END])
    try:
        told = orjson.loads(found[1]) if found else {}
    except orjson.JSONDecodeError:
        told = {}
    if "prompt_tokens" not in told:
        return Usage(request.estimate.input(), 0, estimated=True)
    usage = decode_usage(told)
    return Usage(usage["input_tokens"], 0, usage["cache_read_input_tokens"])
