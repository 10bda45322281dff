"""The facts of a canonical request, read without walking what need not be walked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from roles.facts import Facts
from roles.identity import identity
from roles.injected import written

Json = dict[str, Any]

# Claude Code asks for adaptive thinking in every request, and by its version and
# model for an effort of medium or high: neither says that this one is special.
_MORE_EFFORT = ("xhigh", "max")

# Characters; more than models read. Who pastes more says before or behind it what it is for,
# and matching all of 10 MB would take a tenth of a second.
LONGEST_TEXT = 2_000_000


def facts_of(
    canonical: Json,
    headers: Mapping[str, str],
    *,
    body_bytes: int,
    count: Callable[[], int],
) -> Facts:
    """Return the facts of a request; header names are lower-cased.

    ``body_bytes`` is the length of the client's body, and ``count`` counts the
    tokens of the request; it is called whenever a phase asks, so it should remember.
    """
    messages: list[Json] = canonical.get("messages") or []
    text, place, continues = _newest_words(messages)
    text = _ends(text)
    session, conversation, turn = identity(canonical, headers, text, place)
    tools, web_search = _tools(canonical.get("tools") or [])
    pictured = _newest_image(messages)
    return Facts(
        text=text,
        model=canonical.get("model") or "",
        tokens=count,
        token_bound=body_bytes,
        max_tokens=canonical.get("max_tokens"),
        tools=tools,
        images=pictured >= 0,
        new_images=pictured >= max(place, 0),
        thinking=_thinks(canonical),
        web_search=web_search,
        # Compaction is asked for in the midst of a turn, and wants the turn's warm cache.
        continues_turn=continues or headers.get("x-claude-code-request-class") == "compaction",
        session=session,
        conversation=conversation,
        turn=turn,
        headers=headers,
    )


def _ends(text: str) -> str:
    """Return the text, or of an overlong one the beginning and the end."""
    if len(text) <= LONGEST_TEXT:
        return text
    half = LONGEST_TEXT // 2
    return f"{text[:half]}\n{text[-half:]}"


def _newest_words(messages: list[Json]) -> tuple[str, int, bool]:
    """Return the newest that the user wrote, the place of its message, and if tools answered since.

    Words beside a tool's answer are new: the user spoke while the tool ran.
    """
    answered = False
    for place in range(len(messages) - 1, -1, -1):
        message = messages[place]
        if message["role"] != "user":
            continue
        text, tool_results = _words(message["content"])
        if text:
            return text, place, answered
        answered = answered or tool_results
    return "", -1, answered


def _words(content: str | list[Json]) -> tuple[str, bool]:
    if isinstance(content, str):
        return written(content), False
    words: list[str] = []
    tool_results = False
    for block in content:
        kind = block["type"]
        if kind == "text":
            if text := written(block["text"]):
                words.append(text)
        elif kind == "tool_result":
            tool_results = True
    return "\n".join(words), tool_results


def _tools(tools: list[Json]) -> tuple[bool, bool]:
    """Tell whether the client has tools to run, and whether the provider must search the web."""
    own = search = False
    for tool in tools:
        if str(tool.get("type")).startswith("web_search"):
            search = True
        else:
            own = True
    return own, search


def _newest_image(messages: list[Json]) -> int:
    """Return the place of the newest message that holds an image; -1 where none does."""
    for place in range(len(messages) - 1, -1, -1):
        content = messages[place]["content"]
        if isinstance(content, str):
            continue
        for block in content:
            kind = block["type"]
            if kind == "image":
                return place
            if kind == "tool_result":
                parts = block.get("content")
                if isinstance(parts, list) and any(part["type"] == "image" for part in parts):
                    return place
    return -1


def _thinks(canonical: Json) -> bool:
    return (
        _field(canonical, "thinking", "type") == "enabled"
        or _field(canonical, "output_config", "effort") in _MORE_EFFORT
    )


def _field(canonical: Json, outer: str, inner: str) -> Any:
    """Return a field of an object that no dialect has checked; ``None`` where there is none."""
    found = canonical.get(outer)
    return found.get(inner) if isinstance(found, dict) else None
