"""A canonical request -> the body of Gemini's ``generateContent``."""

from __future__ import annotations

from typing import Final

import orjson

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.gemini.contents import encode_contents
from haystacks.dialects.gemini.generation import generation
from haystacks.dialects.gemini.schema import clean_schema
from haystacks.dialects.gemini.thinking import encode_thinking
from haystacks.dialects.openai_chat.encode_messages import encode_system
from haystacks.dialects.openai_chat.tools import encode_tools
from haystacks.dialects.turns import content_blocks
from haystacks.pool import Model

_WRITTEN: Final = frozenset(
    {
        "max_tokens",
        "messages",
        "model",
        "output_config",
        "stop_sequences",
        "stream",
        "system",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_k",
        "top_p",
    }
)
_HARMLESS: Final = frozenset({"metadata"})
"""Fields that say nothing about the answer."""

_SAMPLING: Final = {"temperature": "temperature", "top_p": "topP", "top_k": "topK"}
_MODES: Final = {"auto": "AUTO", "any": "ANY", "none": "NONE", "tool": "ANY"}
_MOST_STOPS: Final = 5
_JSON: Final = "application/json"


def encode_request(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return the body; see ``UpstreamDialect.encode_request``.

    The path names the model and says whether to stream.
    """
    body: Json = {"contents": encode_contents(canonical, model, adaptation)}
    system = encode_system(content_blocks(canonical.get("system")), adaptation)
    instructions = [message["content"] for message in system]
    tools = _tools(canonical, adaptation)
    config = _limits(canonical, model, adaptation) | encode_thinking(canonical, model, adaptation)
    schema = ((canonical.get("output_config") or {}).get("format") or {}).get("schema")
    if isinstance(schema, dict) and tools and generation(model) < 3:
        adaptation.note("output_config.format sent as an instruction beside tools")
        instructions.append(_instruction(schema))
    elif isinstance(schema, dict):
        config |= {"responseMimeType": _JSON, "responseJsonSchema": clean_schema(schema)}
    if instructions:
        body["systemInstruction"] = {"parts": [{"text": "\n\n".join(instructions)}]}
    body |= tools
    if config:
        body["generationConfig"] = config
    _note_the_rest(canonical, adaptation)
    return body


def _tools(canonical: Json, adaptation: Adaptation) -> Json:
    """Return ``tools`` and ``toolConfig``, or nothing without tools."""
    offered = encode_tools(canonical, adaptation).get("tools")
    if not offered:
        return {}
    functions = [_declaration(tool["function"]) for tool in offered]
    tools: Json = {"tools": [{"functionDeclarations": functions}]}
    choice = canonical.get("tool_choice") or {}
    if choice.get("disable_parallel_tool_use"):
        adaptation.note("disable_parallel_tool_use dropped")
    mode = _MODES.get(str(choice.get("type")))
    if mode is None:
        return tools
    calling: Json = {"mode": mode}
    if choice["type"] == "tool":
        calling["allowedFunctionNames"] = [choice.get("name")]
    return {**tools, "toolConfig": {"functionCallingConfig": calling}}


def _declaration(function: Json) -> Json:
    """Return the declaration of a tool.

    ``parametersJsonSchema`` and not ``parameters``: the latter is a form of
    Google's own, and one word in it that Google does not know refuses the whole
    request.
    """
    declared: Json = {key: function[key] for key in ("name", "description") if key in function}
    return {**declared, "parametersJsonSchema": clean_schema(function["parameters"])}


def _limits(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return what bounds and samples the output."""
    config: Json = {
        theirs: canonical[ours] for ours, theirs in _SAMPLING.items() if ours in canonical
    }
    asked = canonical.get("max_tokens")
    if asked is not None:
        config["maxOutputTokens"] = min(asked, model.max_output or asked)
    stops = [stop for stop in canonical.get("stop_sequences") or () if stop]
    if len(stops) > _MOST_STOPS:
        adaptation.note(f"only {_MOST_STOPS} stop sequences kept")
    if stops:
        config["stopSequences"] = stops[:_MOST_STOPS]
    return config


def _instruction(schema: Json) -> str:
    """Return in words what models before the third generation refuse beside tools."""
    written = orjson.dumps(schema).decode()
    return f"Your final answer must be JSON alone, and fit this JSON Schema: {written}"


def _note_the_rest(canonical: Json, adaptation: Adaptation) -> None:
    config = canonical.get("output_config") or {}
    for name in sorted(config.keys() - {"effort", "format"}):
        adaptation.note(f"output_config.{name} dropped")
    for name in sorted(canonical.keys() - _WRITTEN - _HARMLESS):
        if name == "mcp_servers" and canonical[name]:
            adaptation.refuse("mcp_servers can't be called by Gemini")
        else:
            adaptation.note(f"{name} dropped")
