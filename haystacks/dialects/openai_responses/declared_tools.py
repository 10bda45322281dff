"""The tools that a request declares, by the names under which a model sees them.

OpenAI's own models know three things that a plain function lacks: namespaces,
tools whose input is free text (``custom``), and declarations inside the
conversation. Elsewhere each tool is a function with a flat name, and what it
was is looked up here when the answer comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from haystacks.dialect import Json

INPUT: Final = "input"
"""The one argument that stands for the free text of a custom tool."""

# Where models look when a call names no namespace, and so no part of the name.
_DEFAULT: Final = "functions"
_DECLARING_ITEMS: Final = frozenset({"additional_tools", "tool_search_output"})


@dataclass(frozen=True, slots=True)
class DeclaredTool:
    """A tool as its client knows it; ``namespace`` is empty where a call need not name one."""

    name: str
    namespace: str = ""
    custom: bool = False


def flat_name(name: str, namespace: object = "") -> str:
    """Return the name under which a model outside of OpenAI sees a tool."""
    if not isinstance(namespace, str) or namespace in ("", _DEFAULT):
        return name
    return f"{namespace}__{name}"


def declared_tools(request: Json) -> dict[str, DeclaredTool]:
    """Return the tools that the client runs, by their flat names."""
    return {
        flat_name(tool.name, tool.namespace): tool
        for declaration in _declarations(request)
        for tool in _tools(declaration, "")
    }


def _declarations(request: Json) -> Iterator[Any]:
    """Yield what is declared beside the conversation, and in it."""
    items = request.get("input")
    yield from _list(request.get("tools"))
    for item in _list(items):
        if isinstance(item, dict) and item.get("type") in _DECLARING_ITEMS:
            yield from _list(item.get("tools"))


def _tools(declaration: Any, namespace: str) -> Iterator[DeclaredTool]:
    name = declaration.get("name") if isinstance(declaration, dict) else None
    if not isinstance(name, str):
        return
    match declaration.get("type"):
        case "namespace":
            inner = "" if name == _DEFAULT else name
            for tool in _list(declaration.get("tools")):
                yield from _tools(tool, inner)
        case "function" | "custom" as kind:
            yield DeclaredTool(name, namespace, custom=kind == "custom")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
