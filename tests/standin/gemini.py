"""Google's generateContent, from the provider's side; written apart from the code under test."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from tests.standin.said import Said, words
from tests.standin.wire import Json

_FINISH = {"max_tokens": "MAX_TOKENS", "refusal": "SAFETY"}
_ERRORS = {
    "invalid_request_error": (400, "INVALID_ARGUMENT"),
    "authentication_error": (401, "UNAUTHENTICATED"),
    "permission_error": (403, "PERMISSION_DENIED"),
    "not_found_error": (404, "NOT_FOUND"),
    "rate_limit_error": (429, "RESOURCE_EXHAUSTED"),
    "overloaded_error": (503, "UNAVAILABLE"),
}


def whole(said: Said, asked: Json) -> Json:
    del asked  # the path names the model
    thought = [{"text": said.thinking, "thought": True}] if said.thinking else []
    text = [{"text": said.text}] if said.text else []
    return _chunk(said, [*thought, *text, *_calls(said)], _finish(said))


def frames(said: Said, asked: Json) -> Iterator[bytes]:
    """Yield the answer's server-sent events, one each; nothing marks the last but its reason."""
    del asked
    for word in words(said.thinking):
        yield _frame(_chunk(said, [{"text": word, "thought": True}]))
    for word in words(said.text):
        yield _frame(_chunk(said, [{"text": word}]))
    for part in _calls(said):
        yield _frame(_chunk(said, [part]))
    yield _frame(_chunk(said, [{"text": ""}], _finish(said)))


def error(kind: str, message: str) -> Json:
    code, status = _ERRORS.get(kind, (500, "INTERNAL"))
    return {"error": {"code": code, "message": message, "status": status}}


def error_frame(kind: str, message: str) -> bytes:
    return _frame(error(kind, message))


def _chunk(said: Said, parts: list[Json], finish: str = "") -> Json:
    candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    prompt = said.input_tokens + said.cached_tokens
    usage = {"promptTokenCount": prompt, "totalTokenCount": prompt + said.output_tokens}
    if said.cached_tokens:
        usage["cachedContentTokenCount"] = said.cached_tokens
    if finish:
        usage["candidatesTokenCount"] = said.output_tokens
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": said.model or "gemini-standin",
        "responseId": "standin",
    }


def _calls(said: Said) -> Iterator[Json]:
    """Yield the calls, whole; only the first of several is signed."""
    for index, call in enumerate(said.calls):
        part: Json = {"functionCall": {"id": call.id, "name": call.name, "args": call.input}}
        yield part if index else {**part, "thoughtSignature": said.signature}


def _finish(said: Said) -> str:
    return _FINISH.get(said.stop_reason, "STOP")


def _frame(event: Json) -> bytes:
    return b"data: %b\r\n\r\n" % orjson.dumps(event)
