"""Reasoning that only its own provider can read, carried by the clients of another.

Claude signs its thinking; OpenAI encrypts its reasoning. Both want it back as
it was, and refuse each other's. So what crosses over carries a mark of where
it came from, and returns to that provider alone.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from typing import Any, Final

import orjson

from haystacks.dialect import Json

_SEALED: Final = "rolegraph.thinking."
_SIGNED: Final = "openai_responses."


# -- Claude's, at a client that speaks Responses


def seal(signature: str, thinking: str) -> str:
    """Return thinking, signed or not, as the ``encrypted_content`` of a reasoning item."""
    return _seal(signature, thinking)


def seal_redacted(data: str) -> str:
    """Return thinking that even its client can't read as such a content."""
    return _seal(data)


def _seal(*parts: str) -> str:
    return _SEALED + urlsafe_b64encode(orjson.dumps(parts)).decode()


def without_sealed(request: Json) -> Json:
    """Return the request without the items that OpenAI can't read; itself if there are none."""
    items = request.get("input")
    if not isinstance(items, list):
        return request
    kept = [item for item in items if not _is_sealed(item)]
    return request if len(kept) == len(items) else {**request, "input": kept}


def without_reasoning(request: Json) -> Json:
    """Return the request without any reasoning that only its provider can read."""
    items = request.get("input")
    if not isinstance(items, list):
        return request
    return {**request, "input": [item for item in items if not _is_encrypted(item)]}


def _is_encrypted(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and item.get("type") == "reasoning"
        and bool(item.get("encrypted_content"))
    )


def _is_sealed(item: Any) -> bool:
    secret = item.get("encrypted_content") if isinstance(item, dict) else None
    return isinstance(secret, str) and secret.startswith(_SEALED)


def decode_reasoning(item: Json) -> Json | None:
    """Return the thinking block of a reasoning item; ``None`` for one that says nothing.

    What was sealed here is opened; OpenAI's own secret stays one, as a signature.
    """
    said = _texts(item.get("summary"), "\n\n") or _texts(item.get("content"), "")
    secret = item.get("encrypted_content")
    if isinstance(secret, str) and secret:
        return _opened(secret) or _thinking(said, sign(str(item.get("id") or ""), secret))
    return _thinking(said, "") if said else None


def _opened(secret: str) -> Json | None:
    if not secret.startswith(_SEALED):
        return None
    try:
        sealed = orjson.loads(urlsafe_b64decode(secret.removeprefix(_SEALED)))
    except (BadBase64, ValueError):
        return None
    match sealed:
        case [str(signature), str(thinking)]:
            return _thinking(thinking, signature)
        case [str(data)]:
            return {"type": "redacted_thinking", "data": data}
    return None


def _thinking(said: str, signature: str) -> Json:
    return {"type": "thinking", "thinking": said, "signature": signature}


def _texts(parts: Any, between: str) -> str:
    if not isinstance(parts, list):
        return ""
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return between.join(text for text in texts if isinstance(text, str))


# -- OpenAI's, at a client that speaks Messages


def sign(item_id: str, encrypted: str) -> str:
    """Return OpenAI's encrypted reasoning as the signature of a thinking block."""
    return f"{_SIGNED}{item_id}.{encrypted}"


def encode_reasoning(block: Json) -> Json | None:
    """Return the reasoning item that a thinking block was; ``None`` for any other thinking."""
    signature = block.get("signature")
    if not isinstance(signature, str) or not signature.startswith(_SIGNED):
        return None
    item_id, _, encrypted = signature.removeprefix(_SIGNED).partition(".")
    said = block.get("thinking")
    return {
        "type": "reasoning",
        "id": item_id,
        "summary": [{"type": "summary_text", "text": said}] if said else [],
        "encrypted_content": encrypted,
    }
