"""Put another model name into a body, and leave every other byte alone.

Serialising a body again would change escapes, number formats and the bytes that
thinking signatures and prompt caches hang on.
"""

from __future__ import annotations

import re

import orjson

_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
# Members without braces or brackets before the model: clients and providers name it early.
_MEMBERS = rb'(?:\s*(?!"model")"[^"\\]*"\s*:\s*(?:' + _STRING + rb"|[-+.\w]+)\s*,)*"
_EARLY = rb"\{" + _MEMBERS + rb'\s*"model"\s*:\s*(' + _STRING + rb")"
_EARLY_MODEL = re.compile(rb"\s*" + _EARLY, re.DOTALL)
_EARLY_IN_START = re.compile(rb'"message"\s*:\s*' + _EARLY, re.DOTALL)
_TOKEN = re.compile(_STRING + rb"|[{}\[\]]", re.DOTALL)
_COLON = re.compile(rb"\s*:\s*")
_VALUE = re.compile(_STRING + rb"|[-+.\w]+", re.DOTALL)


def replace_model(body: bytes, current: object, model: str) -> bytes:
    """Return the body with its top-level ``model`` set; it is added where it is missing.

    ``body`` is a JSON object, and ``current`` what a parser found as its model.
    Where the key stands more than once, every one is set: parsers differ in
    which they believe.
    """
    if current == model and model:
        return body
    name = orjson.dumps(model)
    early = _EARLY_MODEL.match(body)
    # That the parser, which takes the last one, found the same name, and that it
    # does not stand again, rules out a second key without reading the whole body.
    if early is not None:
        start, end = early.span(1)
        if body.rfind(body[start:end]) == start and orjson.loads(body[start:end]) == current:
            return body[:start] + name + body[end:]
    spans = _model_values(body)
    if not spans:
        brace = body.index(b"{") + 1
        comma = b"" if body[brace:].lstrip()[:1] == b"}" else b","
        return body[:brace] + b'"model":' + name + comma + body[brace:]
    for start, end in reversed(spans):
        body = body[:start] + name + body[end:]
    return body


def rename_answer(answer: bytes, model: str, *, stream: bool) -> bytes:
    """Return a whole Anthropic answer, or the beginning of a stream, under another model's name.

    An answer that does not name its model early stays as it is.
    """
    early = _EARLY_IN_START.search(answer) if stream else _EARLY_MODEL.match(answer)
    if early is None:
        return answer
    return answer[: early.start(1)] + orjson.dumps(model) + answer[early.end(1) :]


def _model_values(body: bytes) -> list[tuple[int, int]]:
    """Return where the values of top-level ``model`` keys begin and end."""
    spans: list[tuple[int, int]] = []
    depth = 0
    resume = 0
    for token in _TOKEN.finditer(body):
        if token.start() < resume:
            continue
        text = token[0]
        if text in b"{[":
            depth += 1
        elif text in b"}]":
            depth -= 1
        elif depth == 1 and (colon := _COLON.match(body, token.end())):
            value = _VALUE.match(body, colon.end())
            if value is None:
                continue
            resume = value.end()
            if text == b'"model"' or (b"\\" in text and orjson.loads(text) == "model"):
                spans.append(value.span())
    return spans
