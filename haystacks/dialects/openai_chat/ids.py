"""Identifiers that both sides accept, made the same way every time.

Anthropic allows letters, digits, ``_`` and ``-`` in a tool id; OpenAI allows
at most 40 characters. An id that breaks either rule is replaced by a digest of
itself, so a call and its result still meet, in every later request too.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

_TOOL_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_-]+")


def tool_id(raw: str) -> str:
    """Return the id itself where it is valid, else ``call_`` and 32 hex digits."""
    if _TOOL_ID.fullmatch(raw):
        return raw
    return "call_" + sha256(raw.encode()).hexdigest()[:32]


def message_id(raw: str) -> str:
    """Upstream's completion id -> a message id."""
    return "msg_" + _FOREIGN.sub("", raw.removeprefix("chatcmpl-"))


def completion_id(raw: str) -> str:
    """Message id -> a completion id."""
    return "chatcmpl-" + _FOREIGN.sub("", raw.removeprefix("msg_"))
