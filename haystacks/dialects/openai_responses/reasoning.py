"""Reasoning that only its own provider can read, carried by the clients of another.

Claude signs its thinking; OpenAI encrypts its reasoning. Both want it back as
it was, and refuse each other's. So what crosses over carries a mark of where
it came from, and returns to that provider alone.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from typing import Final

import orjson

_SEALED: Final = "rolegraph.thinking."
_SIGNED: Final = "openai_responses."


def seal(signature: str, thinking: str) -> str:
    """Return signed thinking as the ``encrypted_content`` of a reasoning item."""
    return _SEALED + urlsafe_b64encode(orjson.dumps([signature, thinking])).decode()


def unseal(text: str) -> tuple[str, str] | None:
    """Return the signature and the thinking that were sealed; ``None`` for OpenAI's own secret."""
    if not text.startswith(_SEALED):
        return None
    try:
        sealed = orjson.loads(urlsafe_b64decode(text.removeprefix(_SEALED)))
    except (BadBase64, ValueError):
        return None
    match sealed:
        case [str(signature), str(thinking)]:
            return signature, thinking
    return None


def sign(item_id: str, encrypted: str) -> str:
    """Return OpenAI's encrypted reasoning as the signature of a thinking block."""
    return f"{_SIGNED}{item_id}.{encrypted}"


def unsign(signature: str) -> tuple[str, str] | None:
    """Return the item's id and its encrypted content; ``None`` for any other signature."""
    if not signature.startswith(_SIGNED):
        return None
    item_id, _, encrypted = signature.removeprefix(_SIGNED).partition(".")
    return item_id, encrypted
