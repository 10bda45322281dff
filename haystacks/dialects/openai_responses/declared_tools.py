"""The tools that a request declares, by the names under which a model sees them.

OpenAI's own models know four things that a plain function lacks: namespaces,
tools whose input is free text (``custom``), a search for further tools that the
client makes, and declarations inside the conversation. Elsewhere each tool is a
function with a flat name, and what it was is looked up here when the answer
comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from haystacks.dialect import Json

INPUT: Final = "input"
"""The one argument that stands for the free text of a custom tool."""

SEARCH: Final = "tool_search"

# Where models look when a call names no namespace, and so no part of the name.
_DEFAULT: Final = "functions"
_VALID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST: Final = 64
_DIGEST: Final = 8
_PREFIXES: Final = {"function": "fc", "custom": "ctc", "tool_search": "tsc"}
_DECLARING_ITEMS: Final = ("additional_tools", "tool_search_output")


ToolKind = Literal["function", "custom", "tool_search"]


@dataclass(frozen=True, slots=True)
class DeclaredTool:
    """A tool as its client knows it; ``namespace`` is empty where a call need not name one."""

    name: str
    namespace: str = ""
    kind: ToolKind = "function"

    @property
    def prefix(self) -> str:
        """How the id of an item that calls it begins."""
        return _PREFIXES[self.kind]


def flat_name(name: str, namespace: object = "") -> str:
    """Return the name under which a model outside of OpenAI sees a tool."""
    if isinstance(namespace, str) and namespace not in ("", _DEFAULT):
        name = f"{namespace}__{name}"
    if _VALID.fullmatch(name):
        return name
    digest = sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{_FOREIGN.sub('_', name)[: _LONGEST - _DIGEST - 1]}_{digest}"


def declared_tools(request: Json) -> dict[str, DeclaredTool]:
    """Return the tools that the client runs, by their flat names."""
    known = (client_tool(group, declared) for group, declared in declarations(request))
    return {flat_name(tool.name, tool.namespace): tool for tool in known if tool}


def client_tool(group: Json, declared: Json) -> DeclaredTool | None:
    """Return a tool that its client runs; ``None`` for one of OpenAI's own, or without a name."""
    kind, name = declared.get("type"), declared.get("name")
    if kind == SEARCH:
        return DeclaredTool(SEARCH, kind=SEARCH) if runs_at_client(declared) else None
    if kind not in ("function", "custom") or not isinstance(name, str):
        return None
    namespace = "" if group.get("name") == _DEFAULT else group.get("name", "")
    return DeclaredTool(name, namespace, kind)


def runs_at_client(search: Json) -> bool:
    """Tell whether a search for tools, declared or made, is the client's."""
    return search.get("execution") == "client"


def declarations(request: Json) -> Iterator[tuple[Json, Json]]:
    """Yield each tool as it is declared, behind the namespace that holds it (or nothing).

    Some stand beside the conversation, others inside of it.
    """
    yield from _grouped(request.get("tools"))
    for item in _objects(request.get("input")):
        if item.get("type") in _DECLARING_ITEMS:
            yield from _grouped(item.get("tools"))


def _grouped(tools: Any) -> Iterator[tuple[Json, Json]]:
    for tool in _objects(tools):
        if tool.get("type") != "namespace":
            yield {}, tool
        elif isinstance(tool.get("name"), str):
            for inner in _objects(tool.get("tools")):
                yield tool, inner


def _objects(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
