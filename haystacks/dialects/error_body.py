"""What an upstream says when it refuses, in whatever shape it says it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final

import orjson

_KINDS: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_TITLE: Final = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_LONGEST: Final = 500
"""Characters kept of a body that is no JSON; a JSON message is kept whole."""


def error_kind(status: int) -> str:
    """Return Anthropic's error type for a status."""
    if status in _KINDS:
        return _KINDS[status]
    return "invalid_request_error" if 400 <= status < 500 else "api_error"


def decode_error(status: int, body: bytes) -> tuple[str, str]:
    """Return (Anthropic's error type, message) of any error body.

    Only Anthropic's own envelope names its type; elsewhere the status decides,
    since the other vendors' types mean different things. A message found in
    JSON is kept word for word: clients mend themselves by reading it.
    """
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return error_kind(status), _plain_text(status, body)
    if isinstance(parsed, list) and parsed:
        parsed = parsed[0]  # Google wraps its envelope in a list
    kind = error_kind(status)
    if isinstance(parsed, dict) and parsed.get("type") == "error":
        inner = parsed.get("error")
        named = inner.get("type") if isinstance(inner, dict) else None
        kind = named if isinstance(named, str) else kind
    return kind, _message(parsed) or f"the upstream answered with status {status}"


def _message(parsed: Any) -> str:
    if isinstance(parsed, str):
        return parsed
    if not isinstance(parsed, dict):
        return ""
    for key in ("error", "detail", "message"):
        found = parsed.get(key)
        if isinstance(found, list):
            found = "; ".join(filter(None, map(_finding, found)))
        message = _message(found)
        if message:
            return message + _raw(parsed)
    return ""


def _finding(item: Any) -> str:
    """Return one of FastAPI's validation errors: the place and what is wrong there."""
    if not isinstance(item, dict) or not isinstance(item.get("msg"), str):
        return _message(item)
    place = item.get("loc")
    where = ".".join(map(str, place)) if isinstance(place, list) else ""
    return f"{where}: {item['msg']}" if where else str(item["msg"])


def _raw(error: dict[str, Any]) -> str:
    """Return what OpenRouter's own upstream said, which its own message leaves out."""
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    return f": {raw}" if isinstance(raw, str) and raw else ""


def _plain_text(status: int, body: bytes) -> str:
    text = body.decode("utf-8", "replace").strip()
    if text.startswith("<"):
        title = _TITLE.search(text)
        text = unescape(title[2]) if title else "a page instead of an answer"
    text = " ".join(text.split())[:_LONGEST]
    return text or f"the upstream answered with status {status}"
