"""Which session, conversation and turn a request belongs to.

What the client names is taken as it is. For the rest there are fingerprints:
short texts that begin with ``~``, the same in every process.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from haystacks.session import kept, session_of

Json = dict[str, Any]

# Begins every id that was not named by a client.
FINGERPRINT: Final = "~"

# Characters at either end of a text that tell it from others: hashing 50 kB would
# cost more than all of routing.
_END: Final = 256
# Of a system prompt only the beginning: dates and found documents stand further down,
# and change in the midst of a conversation.
_SYSTEM: Final = 512
_TOOLS: Final = 16


def identity(
    canonical: Json, headers: Mapping[str, str], text: str, place: int
) -> tuple[str, str, str]:
    """Return the ids of session, conversation and turn; header names are lower-case.

    ``text`` is the newest that the user wrote, and ``place`` the index of its
    message: who types "continue" twice means two turns, and a client that asks
    again means one.
    """
    session = session_of(canonical, headers)
    conversation = kept(_named_conversation(headers))
    if not session:
        session = fingerprint(*_tool_names(canonical), *_opening(canonical))
        conversation = conversation or session
    return (
        session,
        conversation or fingerprint(*_opening(canonical)),
        kept(_named_turn(headers)) or fingerprint(str(place), _ends(text)),
    )


def fingerprint(*parts: str) -> str:
    """Return a short id of some texts."""
    joined = "\x1f".join(parts).encode("utf-8", "replace")
    # It is quicker than SHA-256 by OpenSSL, most of all where that is not in the cache.
    return FINGERPRINT + blake2b(joined, digest_size=8).hexdigest()


def is_fingerprint(name: str) -> bool:
    """Tell whether an id was made here, not named by the client."""
    return name.startswith(FINGERPRINT)


def _named_conversation(headers: Mapping[str, str]) -> str:
    """Return Claude Code's subagent, or its main conversation, or Codex's thread."""
    if agent := headers.get("x-claude-code-agent-id"):
        return agent
    # The main conversation is one, also where compaction has rewritten its beginning.
    if headers.get("x-claude-code-request-class") in {"main", "compaction"}:
        return "main"
    return headers.get("thread-id", "")


def _named_turn(headers: Mapping[str, str]) -> str:
    if prompt := headers.get("x-claude-code-prompt-id"):
        return prompt
    told = headers.get("x-codex-turn-metadata")
    return told.partition('"turn_id":"')[2].partition('"')[0] if told else ""


def _opening(canonical: Json) -> list[str]:
    """Return what a conversation keeps from its first request to its last."""
    parts: list[str] = []
    system = canonical.get("system")
    if isinstance(system, str):
        parts.append(system[:_SYSTEM])
    elif isinstance(system, list):
        # What a client marks for the prompt cache is what it will not change.
        marked = [block for block in system if "cache_control" in block]
        parts += [str(block.get("text"))[:_SYSTEM] for block in marked or system]
    for message in canonical.get("messages") or ():
        if message["role"] == "user":
            content = message["content"]
            if isinstance(content, str):
                parts.append(_ends(content))
            else:
                parts += [_end_of(block) for block in content]
            break
    return parts


def _end_of(block: Json) -> str:
    return _ends(block["text"]) if block["type"] == "text" else block["type"]


def _ends(text: str) -> str:
    return text if len(text) <= 2 * _END else f"{len(text)}{text[:_END]}{text[-_END:]}"


def _tool_names(canonical: Json) -> list[str]:
    return [str(tool.get("name")) for tool in (canonical.get("tools") or ())[:_TOOLS]]
