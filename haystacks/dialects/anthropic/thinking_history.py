"""The thinking blocks of a history: whose they are, and a request without them.

Claude signs its thoughts and refuses those of others. What another provider
thought carries no signature, or one that begins with the name of its dialect
and a dot, which no signature of Claude's holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from haystacks.dialect import Json

_THOUGHTS: Final = ("thinking", "redacted_thinking")
_CLEARING: Final = "clear_thinking"
"""How the kind of context editing begins that is refused where nothing thinks."""

Unwanted = Callable[[Json], bool]


def is_thought(block: Json) -> bool:
    """Tell whether a block is thinking, of whoever."""
    return block["type"] in _THOUGHTS


def is_foreign(block: Json) -> bool:
    """Tell whether a block is thinking that is surely not Claude's own."""
    if block["type"] != "thinking":
        return False
    signature = block.get("signature")
    return not isinstance(signature, str) or not signature or "." in signature


def holds(request: Json, unwanted: Unwanted) -> bool:
    """Tell whether the history holds such a block."""
    return any(unwanted(block) for message in request["messages"] for block in _blocks(message))


def without(request: Json, unwanted: Unwanted) -> Json:
    """Return the request without such blocks, and without what Claude then refuses.

    A message of nothing else goes. With a budget for thinking, the answer that
    tools are at work for has to begin with a thought: thinking is then off.
    """
    messages = [
        {**message, "content": [block for block in blocks if not unwanted(block)]}
        if (blocks := _blocks(message))
        else message
        for message in request["messages"]
    ]
    kept = {**request, "messages": [message for message in messages if message["content"]]}
    if _has_budget(request) and acts_without_thought(kept["messages"]):
        del kept["thinking"]
        _stop_clearing(kept)
    return kept


def acts_without_thought(messages: list[Json]) -> bool:
    """Tell whether the newest answer calls tools and does not begin with a thought."""
    for message in reversed(messages):
        if message["role"] == "assistant":
            blocks = _blocks(message)
            calls = any(block["type"] == "tool_use" for block in blocks)
            return calls and not is_thought(blocks[0])
    return False


def _blocks(message: Json) -> list[Json]:
    content: Any = message["content"]
    return content if isinstance(content, list) else []


def _has_budget(request: Json) -> bool:
    return (request.get("thinking") or {}).get("type") == "enabled"


def _stop_clearing(request: Json) -> None:
    management: Any = request.get("context_management")
    if not isinstance(management, dict) or not isinstance(edits := management.get("edits"), list):
        return
    kept = [edit for edit in edits if not str(edit.get("type")).startswith(_CLEARING)]
    if kept:
        request["context_management"] = {**management, "edits": kept}
    else:
        del request["context_management"]
