"""Put another model name into a request body, and leave every other byte alone.

Serialising a body again would change escapes, number formats and the bytes that
thinking signatures and prompt caches hang on.
"""

from __future__ import annotations

import re

import orjson

_FIRST_KEY = re.compile(rb'\s*\{\s*"model"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")')
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]', re.DOTALL)
_COLON = re.compile(rb"\s*:\s*")
_VALUE = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|null|true|false|-?[0-9.eE+-]+', re.DOTALL)


def replace_model(body: bytes, current: object, model: str) -> bytes:
    """Return the body with its top-level ``model`` set; it is added where it is missing.

    ``body`` is a JSON object, and ``current`` what a parser found as its model.
    Where the key stands more than once, every one is set: parsers differ in
    which they believe.
    """
    if current == model and model:
        return body
    name = orjson.dumps(model)
    first = _FIRST_KEY.match(body)
    # Most clients name the model first. That the parser, which takes the last
    # one, found the same name, and that it stands only once, rules out a second
    # key without reading the whole body.
    if first is not None and body.count(first[1]) == 1 and orjson.loads(first[1]) == current:
        return body[: first.start(1)] + name + body[first.end(1) :]
    spans = _model_values(body)
    if not spans:
        brace = body.index(b"{") + 1
        comma = b"" if body[brace:].lstrip()[:1] == b"}" else b","
        return body[:brace] + b'"model":' + name + comma + body[brace:]
    for start, end in reversed(spans):
        body = body[:start] + name + body[end:]
    return body


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
