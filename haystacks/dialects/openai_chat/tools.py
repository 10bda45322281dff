"""Tools and the choice among them, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.errors import BadRequest

_DROPPED: Final = (
    "cache_control",
    "eager_input_streaming",
    "input_examples",
    "strict",
    "allowed_callers",
)
"""What a tool may carry for Anthropic alone."""

_TOOL_SEARCH: Final = "tool_search_tool"
_CHOICES: Final = {"auto": "auto", "any": "required", "none": "none"}
_CANONICAL_CHOICES: Final = {"auto": "auto", "required": "any", "none": "none"}


# -- Towards OpenAI


def encode_tools(canonical: Json, adaptation: Adaptation) -> Json:
    """Return ``tools``, ``tool_choice`` and ``parallel_tool_calls``, or nothing without tools."""
    tools = [_encode_tool(tool, adaptation) for tool in _plain_tools(canonical, adaptation)]
    if not tools:
        return {}
    body: Json = {"tools": tools}
    choice = canonical.get("tool_choice") or {}
    kind = str(choice.get("type"))
    if kind == "tool":
        body["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}}
    elif kind in _CHOICES:
        body["tool_choice"] = _CHOICES[kind]
    if choice.get("disable_parallel_tool_use"):
        body["parallel_tool_calls"] = False
    return body


def _plain_tools(canonical: Json, adaptation: Adaptation) -> Iterator[Json]:
    """Yield the tools that the client runs and that the model may see now.

    A deferred tool is shown once a ``tool_reference`` has loaded it. Anthropic's
    own tool search can't run elsewhere, so with it every deferred tool is shown.
    """
    tools = canonical.get("tools") or []
    searches = any(str(tool.get("type")).startswith(_TOOL_SEARCH) for tool in tools)
    loaded = _referenced(canonical["messages"])
    for tool in tools:
        kind = tool.get("type") or "custom"
        if tool.get("defer_loading"):
            adaptation.note("defer_loading resolved")
            if not searches and tool.get("name") not in loaded:
                continue
        if kind == "custom":
            yield tool
        elif not kind.startswith(_TOOL_SEARCH):
            adaptation.refuse(f"server tool {tool.get('name', kind)} ({kind}) can't run here")


def _referenced(messages: list[Json]) -> set[str]:
    return {
        part["tool_name"]
        for message in messages
        if isinstance(message.get("content"), list)
        for block in message["content"]
        if block["type"] == "tool_result" and isinstance(block.get("content"), list)
        for part in block["content"]
        if part["type"] == "tool_reference"
    }


def _encode_tool(tool: Json, adaptation: Adaptation) -> Json:
    for name in _DROPPED:
        if name in tool:
            adaptation.note(f"{name} dropped")
    function: Json = {"name": tool["name"], "parameters": object_schema(tool.get("input_schema"))}
    if tool.get("description"):
        function["description"] = tool["description"]
    return {"type": "function", "function": function}


def object_schema(schema: Any) -> Json:
    """Return a schema that OpenAI takes: an object always lists its properties."""
    given = schema if isinstance(schema, dict) else {}
    return {"type": "object", "properties": {}, **given}


# -- From OpenAI


def decode_tools(body: Json, adaptation: Adaptation) -> Json:
    """Return canonical ``tools`` and ``tool_choice``."""
    if body.get("functions"):
        adaptation.refuse("functions are not supported: use tools")
    tools = [
        _decode_tool(tool["function"], adaptation)
        for tool in _function_tools(body.get("tools"), adaptation)
    ]
    if body.get("web_search_options") is not None:
        tools.append({"type": "web_search_20250305", "name": "web_search"})
    if not tools:
        return {}
    choice = _decode_choice(body.get("tool_choice"), adaptation)
    if body.get("parallel_tool_calls") is False and choice.get("type") != "none":
        choice = {"type": "auto", **choice, "disable_parallel_tool_use": True}
    return {"tools": tools, "tool_choice": choice} if choice else {"tools": tools}


def _function_tools(tools: Any, adaptation: Adaptation) -> Iterator[Json]:
    if tools is not None and not isinstance(tools, list):
        raise BadRequest("tools must be a list")
    for index, tool in enumerate(tools or ()):
        if not isinstance(tool, dict):
            raise BadRequest(f"tools[{index}] must be an object")
        if tool.get("type", "function") != "function":
            adaptation.refuse(f"a tool of type {tool['type']} is not supported")
            continue
        function = tool.get("function")
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise BadRequest(f"tools[{index}].function.name must be a string")
        yield tool


def _decode_tool(function: Json, adaptation: Adaptation) -> Json:
    if function.get("strict"):
        adaptation.note("strict dropped")
    tool: Json = {
        "name": function["name"],
        "input_schema": object_schema(function.get("parameters")),
    }
    if function.get("description"):
        tool["description"] = function["description"]
    return tool


def _decode_choice(choice: Any, adaptation: Adaptation) -> Json:
    if choice is None:
        return {}
    if isinstance(choice, str) and choice in _CANONICAL_CHOICES:
        return {"type": _CANONICAL_CHOICES[choice]}
    function = choice.get("function") if isinstance(choice, dict) else None
    if isinstance(function, dict) and isinstance(function.get("name"), str):
        return {"type": "tool", "name": function["name"]}
    kind = choice.get("type") if isinstance(choice, dict) else choice
    adaptation.refuse(f"tool_choice {kind} is not supported")
    return {}
