"""A canonical request -> the body for an upstream that speaks Responses."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.openai_chat.effort import encode_effort, is_own_reasoning, thinks
from haystacks.dialects.openai_chat.output_format import encode_format
from haystacks.dialects.openai_responses.encode_items import encode_items
from haystacks.dialects.openai_responses.session import encode_session
from haystacks.dialects.openai_responses.tools import encode_tools
from haystacks.pool import Model

_WRITTEN: Final = frozenset(
    {
        "max_tokens",
        "messages",
        "metadata",
        "model",
        "output_config",
        "stream",
        "system",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_p",
    }
)
_LEAST_OUTPUT: Final = 16
"""OpenAI refuses a smaller limit of output tokens."""


def encode_request(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return the body; see ``Dialect.encode_request``.

    The upstream is asked to keep nothing: the client holds the history, and
    gets the encrypted reasoning to send it again.
    """
    body: Json = {
        "model": model.id,
        "store": False,
        **encode_items(canonical, model, adaptation),
        **encode_tools(canonical, adaptation),
        **_limits(canonical, model, adaptation),
        **_reasoning(canonical, model, adaptation),
        **encode_session(canonical.get("metadata")),
    }
    config = canonical.get("output_config") or {}
    if config.get("format"):
        body["text"] = {"format": {"type": "json_schema", **encode_format(config["format"])}}
    if canonical.get("stream") is True:
        body["stream"] = True
    for name in sorted(config.keys() - {"effort", "format"}):
        adaptation.note(f"output_config.{name} dropped")
    for name in sorted(canonical.keys() - _WRITTEN):
        if name == "mcp_servers" and canonical[name]:
            adaptation.refuse("mcp_servers can't be called by this provider")
        else:
            adaptation.note(f"{name} dropped")
    return body


def _limits(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return what bounds and samples the output, as far as the model takes it."""
    found: Json = {}
    max_tokens = canonical.get("max_tokens")
    if max_tokens is not None:
        found["max_output_tokens"] = min(max_tokens, model.max_output or max_tokens)
        if found["max_output_tokens"] < _LEAST_OUTPUT:
            adaptation.note(f"max_tokens raised to {_LEAST_OUTPUT}")
            found["max_output_tokens"] = _LEAST_OUTPUT
    for name in ("temperature", "top_p"):
        if name not in canonical:
            continue
        if is_own_reasoning(model):
            adaptation.note(f"{name} dropped")
        else:
            found[name] = canonical[name]
    return found


def _reasoning(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return how hard to think, and what of it to tell.

    A summary is only asked for by those who want to read it: OpenAI gives it to
    verified organisations alone, and refuses the whole request of others.
    """
    effort = encode_effort(canonical, model, adaptation)
    if not thinks(model):
        return {}
    wanted: Json = {"effort": effort} if effort else {}
    if (canonical.get("thinking") or {}).get("display") == "summarized":
        wanted["summary"] = "auto"
    body: Json = {"include": ["reasoning.encrypted_content"]}
    return {**body, "reasoning": wanted} if wanted else body
