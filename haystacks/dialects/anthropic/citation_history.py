"""The citations of a history that no search of Claude's has made.

Each of Claude's own holds an encrypted index, which Anthropic checks; those
of other providers have an empty one.
"""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Json


def without_foreign_citations(request: Json) -> Json:
    """Return the request without other providers' citations; itself if there are none."""
    messages = [_own(message) for message in request["messages"]]
    if all(ours is theirs for ours, theirs in zip(messages, request["messages"], strict=True)):
        return request
    return {**request, "messages": messages}


def _own(message: Json) -> Json:
    content: Any = message["content"]
    if not isinstance(content, list) or not any(map(_foreign, content)):
        return message
    return {**message, "content": [_without(block) for block in content]}


def _without(block: Json) -> Json:
    foreign = _foreign(block)
    if not foreign:
        return block
    kept = [each for each in block["citations"] if each not in foreign]
    bare = {key: value for key, value in block.items() if key != "citations"}
    return {**bare, "citations": kept} if kept else bare


def _foreign(block: Json) -> list[Json]:
    citations: Any = block.get("citations") if block["type"] == "text" else None
    return [
        each
        for each in (citations if isinstance(citations, list) else ())
        if isinstance(each, dict) and each.get("encrypted_index") == ""
    ]
