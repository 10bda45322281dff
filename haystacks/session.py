"""The session that a request belongs to, as its client names it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import orjson

from haystacks.dialect import Json

# Ours, Claude Code's, and Codex's of today and of its older versions.
_HEADERS: Final = ("x-session-id", "x-claude-code-session-id", "session-id", "session_id")

# Characters. Thousands of names are remembered, and a client may write megabytes.
_LONGEST: Final = 256


def session_of(canonical: Json, headers: Mapping[str, str]) -> str:
    """Return the session's id, or nothing; header names are lower-case."""
    return kept(_named(canonical, headers))


def kept(name: str) -> str:
    """Return what a client names something, or of a name too long to be kept a hash."""
    if len(name) <= _LONGEST:
        return name
    return sha256(name.encode("utf-8", "replace")).hexdigest()


def _named(canonical: Json, headers: Mapping[str, str]) -> str:
    """Return what the client says.

    Claude Code names it in a header and in ``metadata.user_id``: as JSON, or
    at the end of a text in its older versions.
    """
    for name in _HEADERS:
        if session := headers.get(name):
            return session
    metadata: Any = canonical.get("metadata")
    user = metadata.get("user_id") if isinstance(metadata, dict) else None
    if not isinstance(user, str):
        return ""
    if not user.startswith("{"):
        return user.partition("_session_")[2]
    try:
        session = orjson.loads(user).get("session_id")
    except orjson.JSONDecodeError:
        return ""  # an application's own name of its user, that begins with a brace
    return session if isinstance(session, str) else ""
