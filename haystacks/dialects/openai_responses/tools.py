"""Tools and the choice among them, in both directions."""

from __future__ import annotations

from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.openai_chat import tools as chat
from haystacks.dialects.openai_responses.declared_tools import (
    INPUT,
    client_tool,
    declarations,
    flat_name,
)
from haystacks.errors import BadRequest

_CHOICES: Final = {"auto": "auto", "required": "any", "none": "none"}

_OFFERED_UNASKED: Final = ("tool_search", "web_search", "web_search_preview")
"""What Codex offers in every request: a model may do without, unless the choice names it."""

_FREE_TEXT: Final[Json] = {
    "type": "object",
    "properties": {INPUT: {"type": "string", "description": "The whole input, as plain text."}},
    "required": [INPUT],
    "additionalProperties": False,
}
"""The arguments that stand for the free text of a custom tool."""

# -- From a client


def decode_tools(body: Json, adaptation: Adaptation) -> Json:
    """Return canonical ``tools`` and ``tool_choice``, wherever the tools were declared."""
    if not isinstance(body.get("tools"), list | None):
        raise BadRequest("tools must be a list")
    tools: dict[str, Json] = {}
    described: set[str] = set()
    for group, declared in declarations(body):
        tool = _decode_tool(group, declared, adaptation)
        if tool is None or tool["name"] in tools:
            continue
        if group.get("description") and group["name"] not in described:
            described.add(group["name"])
            text = tool.get("description", "")
            tool["description"] = f"{group['description']}\n\n{text}".rstrip()
        tools[tool["name"]] = tool
    choice, allowed = _decode_choice(body.get("tool_choice"), adaptation)
    kept = [tool for name, tool in tools.items() if allowed is None or name in allowed]
    if not kept:
        if choice.get("type") == "any":
            adaptation.refuse("a call is required, but none of the tools can be called here")
        return {}
    if body.get("parallel_tool_calls") is False and choice.get("type") != "none":
        choice = {"type": "auto", **choice, "disable_parallel_tool_use": True}
    return {"tools": kept, "tool_choice": choice} if choice else {"tools": kept}


def _decode_tool(group: Json, declared: Json, adaptation: Adaptation) -> Json | None:
    kind, known = declared.get("type"), client_tool(group, declared)
    if known is None and kind in ("function", "custom"):
        raise BadRequest("each tool must have a name that is a string")
    if known is None and kind in _OFFERED_UNASKED:
        adaptation.note(f"{kind} dropped")
        return None
    if known is None:
        adaptation.refuse(f"a tool of type {kind} is not supported")
        return None
    for extra in ("strict", "defer_loading", "output_schema"):
        if declared.get(extra):
            adaptation.note(f"{extra} dropped")
    tool: Json = {"name": flat_name(known.name, known.namespace)}
    if declared.get("description"):
        tool["description"] = str(declared["description"])
    if known.kind == "custom":
        adaptation.note("custom tools became functions")
        return _freeform({**tool, "input_schema": _FREE_TEXT}, declared.get("format"))
    return {**tool, "input_schema": chat.object_schema(declared.get("parameters"))}


def _freeform(tool: Json, wanted: Any) -> Json:
    """Return a function of free text that tells the grammar of it, if there is one."""
    if not isinstance(wanted, dict) or wanted.get("type") != "grammar":
        return tool
    grammar = f"The input must match this {wanted.get('syntax')} grammar:"
    described = f"{tool.get('description', '')}\n\n{grammar}\n{wanted.get('definition')}"
    return {**tool, "description": described.lstrip()}


def _decode_choice(choice: Any, adaptation: Adaptation) -> tuple[Json, set[str] | None]:
    """Return the canonical choice, and the names of the tools that it leaves, if not all."""
    if choice is None:
        return {}, None
    if isinstance(choice, str) and choice in _CHOICES:
        return {"type": _CHOICES[choice]}, None
    kind = choice.get("type") if isinstance(choice, dict) else choice
    if kind in ("function", "custom"):
        return {"type": "tool", "name": _named(choice)}, None
    if kind == "allowed_tools" and isinstance(choice.get("tools"), list):
        mode = "any" if choice.get("mode") == "required" else "auto"
        return {"type": mode}, {_named(tool) for tool in choice["tools"]}
    adaptation.refuse(f"tool_choice {kind} is not supported")
    return {}, None


def _named(tool: Any) -> str:
    name = tool.get("name") if isinstance(tool, dict) else None
    return flat_name(name, tool.get("namespace")) if isinstance(name, str) else ""


# -- Towards an upstream


def encode_tools(canonical: Json, adaptation: Adaptation) -> Json:
    """Return ``tools``, ``tool_choice`` and ``parallel_tool_calls``, or nothing without tools."""
    body = chat.encode_tools(canonical, adaptation)
    if not body:
        return {}
    body["tools"] = [{"type": "function", **_loose(tool["function"])} for tool in body["tools"]]
    choice = body.get("tool_choice")
    if isinstance(choice, dict):
        body["tool_choice"] = {"type": "function", "name": choice["function"]["name"]}
    return body


def _loose(function: Json) -> Json:
    """Return a function whose schema stays as it is: OpenAI makes it strict unless told."""
    return {**function, "strict": False}
