"""A session's name: where OpenAI keeps it for its prompt cache, and where Anthropic does."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

import orjson

from haystacks.dialect import Adaptation, Json

_LONGEST: Final = 64
"""OpenAI's limit for a cache key and for the name of a user."""

_LONGEST_USER_ID: Final = 256


def decode_session(body: Json, adaptation: Adaptation) -> Json:
    """Return the canonical ``metadata`` of a request, or nothing.

    The cache key becomes the session of the ``user_id``, as Claude Code writes
    it; without one, the user that an application names stands there alone.
    """
    key = body.get("prompt_cache_key")
    user = body.get("safety_identifier") or body.get("user")
    if isinstance(key, str) and key:
        if user:
            adaptation.note("user dropped beside prompt_cache_key")
        session = orjson.dumps({"session_id": _kept(key, _LONGEST)}).decode()
        return {"metadata": {"user_id": session}}
    if isinstance(user, str) and user:
        return {"metadata": {"user_id": _kept(user, _LONGEST_USER_ID)}}
    return {}


def encode_session(metadata: Any) -> Json:
    """Return the session as the cache's key, the same in each of its requests; else the user."""
    user = metadata.get("user_id") if isinstance(metadata, dict) else None
    if not isinstance(user, str) or not user:
        return {}
    session = _session(user)
    if session:
        return {"prompt_cache_key": _kept(session, _LONGEST)}
    return {"safety_identifier": _kept(user, _LONGEST)}


def _session(user: str) -> str:
    """Return the session inside of a ``user_id``, in Claude Code's newer or older form."""
    if not user.startswith("{"):
        return user.partition("_session_")[2]
    try:
        session = orjson.loads(user).get("session_id")
    except orjson.JSONDecodeError:
        return ""
    return session if isinstance(session, str) else ""


def _kept(name: str, longest: int) -> str:
    return name if len(name) <= longest else sha256(name.encode()).hexdigest()
