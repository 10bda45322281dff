"""Changes to the messages and tools of a chat completion that several providers ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from haystacks.dialect import Json


def each_message(body: Json, change: Callable[[Json], Json]) -> Json:
    """Return the body with every message changed; the same one if none was."""
    return _with_each(body, "messages", change)


def each_parameters(body: Json, change: Callable[[Json], Json]) -> Json:
    """Return the body with the JSON schema of every function changed; the same if none was."""

    def of_tool(tool: Json) -> Json:
        function = tool.get("function")
        if not isinstance(function, dict) or not isinstance(function.get("parameters"), dict):
            return tool
        parameters = change(function["parameters"])
        if parameters is function["parameters"]:
            return tool
        return {**tool, "function": {**function, "parameters": parameters}}

    return _with_each(body, "tools", of_tool)


def _with_each(body: Json, key: str, change: Callable[[Json], Json]) -> Json:
    before: Any = body.get(key)
    if not isinstance(before, list):
        return body
    after = [change(each) if isinstance(each, dict) else each for each in before]
    same = all(one is other for one, other in zip(after, before, strict=True))
    return body if same else {**body, key: after}


def plain_text(message: Json) -> Json:
    """Return a message whose content is a list of texts with one text instead."""
    content = message.get("content")
    if not isinstance(content, list):
        return message
    parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
    if len(parts) != len(content):
        return message
    return {**message, "content": "\n".join(str(part.get("text", "")) for part in parts)}


def without(holder: Json, names: Iterable[str]) -> Json:
    """Return the object without these keys; the same one if it has none of them."""
    gone = set(names) & holder.keys()
    return {key: value for key, value in holder.items() if key not in gone} if gone else holder
