"""One upstream call: write it, send it, and say what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import orjson

from haystacks.answer import Answer, Measured
from haystacks.classify import from_event, from_status
from haystacks.dialect import Adaptation, Json
from haystacks.dialects.retry_info import retry_after
from haystacks.dialects.table import UPSTREAMS
from haystacks.errors import (
    BadAnswer,
    Forbidden,
    OurKeyRefused,
    Refused,
    UpstreamError,
    UpstreamStatus,
)
from haystacks.http.call import Reply
from haystacks.pool import Candidate, DialectName, Haystack
from haystacks.relay import Relay
from haystacks.request import Request, write_call
from haystacks.splice import rename_answer
from haystacks.stream import Stream, Translation
from haystacks.transforming import Steps, filtered, read_answers, reworded
from haystacks.upstream import Send
from haystacks.usage import Tally, Usage

_PASSED_PREFIXES = ("anthropic-ratelimit-", "x-ratelimit-")
_PASSED = frozenset({"retry-after", "retry-after-ms"})
_IDS = frozenset({"request-id", "x-request-id"})


async def attempt(request: Request, candidate: Candidate, key: str, send: Send) -> Answer:
    """Return this candidate's answer: whole, or a stream with its first event read.

    Raises ``BadRequest`` for what the candidate's dialect can't express, and an
    ``UpstreamError`` for every failure before the first meaningful event. The
    upstream's connection is closed unless an answer is returned.
    """
    haystack = candidate.haystack
    steps = request.steps(candidate)
    call, adapted = write_call(request, candidate, key, steps)
    reply = await send(haystack, call)
    try:
        if reply.status >= 300:
            await raise_status(reply, haystack, haystack.dialect, request, key)
        if request.stream:
            stream = await _open_stream(request, haystack.dialect, reply, steps)
            usage: Measured = stream.usage
            return Answer(candidate, passed(reply.headers), adapted, usage, stream=stream)
        told = Adaptation(list(adapted))
        body, usage = await _whole(request, haystack.dialect, reply, steps, told)
        return Answer(candidate, passed(reply.headers), tuple(told.notes), usage, body=body)
    except BaseException:
        reply.close()
        raise


def _passes(request: Request, dialect: DialectName, steps: Steps) -> bool:
    """Tell whether answers need no translation."""
    return request.dialect.name == dialect and not (steps and read_answers(steps))


async def _open_stream(
    request: Request, dialect: DialectName, reply: Reply, steps: Steps
) -> Stream:
    kind = reply.headers.get("content-type", "")
    if "html" in kind or "application/json" in kind:
        raise BadAnswer(f"the upstream answered with {kind} instead of a stream")
    encoder = request.dialect.stream_encoder(request.parsed)
    tally = Tally(request.estimate)
    if _passes(request, dialect, steps):
        stream = Stream(reply, Relay(dialect), encoder, tally)
        await stream.open()
        if request.answer_as:
            stream.head = rename_answer(stream.head, request.answer_as, stream=True)
        return stream
    decoder = UPSTREAMS[dialect].stream_decoder(tally.estimate)
    if steps:
        decoder = filtered(decoder, steps)
    stream = Stream(reply, Translation(decoder, encoder, request.answer_as), encoder, tally)
    await stream.open()
    return stream


async def _whole(
    request: Request, dialect: DialectName, reply: Reply, steps: Steps, told: Adaptation
) -> tuple[bytes, Measured]:
    body = await reply.read()
    tally = Tally(request.estimate)
    parsed = object_of(body)
    if _passes(request, dialect, steps):
        # Nothing else of it is checked: what is new in a dialect passes as it came.
        if failure := from_event(parsed):
            raise failure
        usage = partial(_usage, parsed, dialect, tally)
        if request.answer_as:
            return rename_answer(body, request.answer_as, stream=False), usage
        return body, usage
    message = UPSTREAMS[dialect].decode_response(parsed, tally.estimate)
    message = reworded(message, steps, told)
    if request.answer_as:
        message = {**message, "model": request.answer_as}
    encoded = orjson.dumps(request.dialect.encode_response(message, request.parsed))
    stopped = message.get("stop_reason") or ""
    return encoded, partial(tally.usage, message["usage"], stop_reason=stopped)


def object_of(body: bytes) -> Json:
    """Return the JSON object that an answer is. Raises ``BadAnswer``."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"the upstream's answer is not JSON: {error}") from error
    if not parsed or not isinstance(parsed, dict):
        raise BadAnswer("the upstream's answer is not a JSON object, or an empty one")
    return parsed


def _usage(parsed: Json, dialect: DialectName, tally: Tally) -> Usage | None:
    """Return the usage of an answer that passed; ``None`` if it is not what it seemed."""
    try:
        message = UPSTREAMS[dialect].decode_response(parsed, tally.estimate)
    except UpstreamError:
        return None
    return tally.usage(
        message.get("usage") or {}, stop_reason=str(message.get("stop_reason") or "")
    )


async def raise_status(
    reply: Reply, haystack: Haystack, dialect: DialectName, request: Request, key: str
) -> None:
    """Turn an answer that is no success into the error it means, our own key kept out of it."""
    if reply.status < 400:
        raise BadAnswer(f"the upstream answered with status {reply.status}")
    body = await reply.read()
    if key:
        body = body.replace(key.encode(), b"[key]")
    kind, message = UPSTREAMS[dialect].decode_error(reply.status, body)
    headers = passed(reply.headers)
    if wait := retry_after(reply.headers, body):
        headers["retry-after"] = wait
    error = from_status(reply.status, kind, message, headers, body)
    if isinstance(error, OurKeyRefused | Forbidden):
        error = _whose_key(error, haystack)
    same = request.dialect.name == dialect
    if same and isinstance(error, Refused) and body.lstrip()[:1] == b"{":
        error.body = body
    raise error


def _whose_key(error: OurKeyRefused | Forbidden, haystack: Haystack) -> UpstreamStatus:
    """Return the error so that nobody takes the haystack's key for the client's, or the reverse.

    The token of a subscription is the client's own: the 401 is for it to read.
    """
    status, headers = error.upstream_status, error.headers
    if haystack.passthrough:
        if status != 401:
            return error
        kind = "authentication_error"
        return Refused(error.message, upstream_status=status, kind=kind, headers=headers)
    message = f"the key of {haystack.name} is refused: {error.message}"
    ours = type(error)(message, upstream_status=status, headers=headers)
    ours.final = True  # a person has to mend it
    return ours


def passed(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the upstream's headers that the client should see."""
    passed: dict[str, str] = {}
    for name, value in headers.items():
        if name in _PASSED or name.startswith(_PASSED_PREFIXES):
            passed[name] = value
        elif name in _IDS:
            passed["x-rolegraph-upstream-request-id"] = value
    return passed
