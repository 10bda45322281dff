"""A canonical request -> the body for an OpenAI-compatible upstream."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.openai_chat.effort import encode_effort, is_own_reasoning
from haystacks.dialects.openai_chat.encode_messages import encode_messages
from haystacks.dialects.openai_chat.output_format import encode_format
from haystacks.dialects.openai_chat.tools import encode_tools
from haystacks.dialects.openai_chat.web_search import split_web_search
from haystacks.pool import Model

_WRITTEN: Final = frozenset(
    {
        "max_tokens",
        "messages",
        "metadata",
        "model",
        "output_config",
        "stop_sequences",
        "stream",
        "system",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_p",
    }
)
_MOST_STOPS: Final = 4
_LONGEST_USER: Final = 64


def encode_request(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return the body; see ``Dialect.encode_request``."""
    canonical, search = split_web_search(canonical, model, adaptation)
    body: Json = {
        "model": model.id,
        "messages": encode_messages(canonical, model, adaptation),
        **encode_tools(canonical, adaptation),
        **search,
        **_limits(canonical, model, adaptation),
    }
    effort = encode_effort(canonical, model, adaptation)
    if effort:
        body["reasoning_effort"] = effort
    config = canonical.get("output_config") or {}
    if config.get("format"):
        described = encode_format(config["format"])
        body["response_format"] = {"type": "json_schema", "json_schema": described}
    user = (canonical.get("metadata") or {}).get("user_id")
    if isinstance(user, str) and user:
        long = len(user) > _LONGEST_USER
        body["user"] = sha256(user.encode()).hexdigest() if long else user
    if canonical.get("stream") is True:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    for name in sorted(config.keys() - {"effort", "format"}):
        adaptation.note(f"output_config.{name} dropped")
    for name in sorted(canonical.keys() - _WRITTEN):
        if name == "mcp_servers" and canonical[name]:
            adaptation.refuse("mcp_servers can't be called by this provider")
            continue
        adaptation.note(f"{name} dropped")
    return body


def _limits(canonical: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return what bounds and samples the output, in the words that the model takes."""
    own_reasoning = is_own_reasoning(model)
    found: Json = {}
    max_tokens = canonical.get("max_tokens")
    if max_tokens is not None:
        name = "max_completion_tokens" if own_reasoning else "max_tokens"
        found[name] = min(max_tokens, model.max_output or max_tokens)
    sampling: Json = {
        name: canonical[name] for name in ("temperature", "top_p") if name in canonical
    }
    stops = canonical.get("stop_sequences")
    if stops:
        sampling["stop"] = stops[:_MOST_STOPS]
        if len(stops) > _MOST_STOPS:
            adaptation.note(f"only {_MOST_STOPS} stop sequences kept")
    if own_reasoning:
        for name in sampling:
            adaptation.note(f"{name} dropped")
        return found
    return found | sampling
