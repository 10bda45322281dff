"""A canonical request -> the body of Ollama's ``/api/chat``."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.ollama.encode_messages import encode_messages
from haystacks.dialects.ollama.think import encode_think
from haystacks.dialects.openai_chat.tools import encode_tools
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

_SAMPLING: Final = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "stop_sequences": "stop",
}


def encode_request(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return the body; see ``UpstreamDialect.encode_request``.

    ``truncate`` and ``shift`` ask for an error, or a cut answer, where the
    conversation outgrows the context: by default Ollama forgets its beginning
    without a word. Servers older than the two fields ignore them.
    """
    body: Json = {
        "model": model.id,
        "messages": encode_messages(canonical, adaptation),
        **_tools(canonical, adaptation),
        **encode_think(canonical, model, adaptation),
        "stream": canonical.get("stream") is True,
        "truncate": False,
        "shift": False,
    }
    config = canonical.get("output_config") or {}
    if config.get("format"):
        body["format"] = config["format"].get("schema")
    if options := _options(canonical, model):
        body["options"] = options
    for name in sorted(config.keys() - {"effort", "format"}):
        adaptation.note(f"output_config.{name} dropped")
    for name in sorted(canonical.keys() - _WRITTEN - _HARMLESS):
        if name == "mcp_servers" and canonical[name]:
            adaptation.refuse("mcp_servers can't be called by this provider")
            continue
        adaptation.note(f"{name} dropped")
    return body


def _options(canonical: Json, model: Model) -> Json:
    """Return what samples and bounds the output, and the size of the context.

    That is the model's whole window, always the same: with another
    ``num_ctx`` Ollama loads the model anew, so the size must not follow the
    request. A window that nobody told is left to Ollama.
    """
    options: Json = {
        ours: canonical[name] for name, ours in _SAMPLING.items() if canonical.get(name) is not None
    }
    bounds = (canonical.get("max_tokens"), model.max_output, model.context_window)
    if bounds[0] is not None:
        options["num_predict"] = min(bound for bound in bounds if bound is not None)
    if model.context_window is not None:
        options["num_ctx"] = model.context_window
    return options


def _tools(canonical: Json, adaptation: Adaptation) -> Json:
    """Return the tools. No call can be forced; a choice only narrows what is offered."""
    body = encode_tools(canonical, adaptation)
    choice = body.get("tool_choice", "auto")
    if "parallel_tool_calls" in body:
        adaptation.note("disable_parallel_tool_use dropped")
    if not body or choice == "none":
        return {}
    tools = body["tools"]
    if choice != "auto":
        adaptation.note("tool_choice not enforced")
    if isinstance(choice, dict):
        tools = [tool for tool in tools if tool["function"]["name"] == choice["function"]["name"]]
    return {"tools": tools}
