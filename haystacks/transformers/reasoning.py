"""Thinking that the client asks for is asked of GLM, Qwen and their like, or switched off."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer


class Options(Form):
    """On or off."""

    enable: bool = Field(default=True, description="Without it the model is told not to think.")


def make(options: Options) -> Transformer:
    """Return the transformer; see the module."""

    def switch(body: Json, target: Target) -> Json:
        if not options.enable:
            return _off(body, target)
        asked = target.canonical.get("thinking") or {}
        if target.dialect != "openai_chat" or asked.get("type") not in {"enabled", "adaptive"}:
            return body
        thinking: Json = {"type": "enabled"}
        if isinstance(budget := asked.get("budget_tokens"), int):
            thinking["budget_tokens"] = budget
        return _set(body, {"thinking": thinking, "enable_thinking": True})

    return Transformer("reasoning", body=switch)


def _off(body: Json, target: Target) -> Json:
    off: dict[str, Json] = {
        "openai_chat": {"thinking": {"type": "disabled"}, "enable_thinking": False},
        "anthropic": {"thinking": {"type": "disabled"}},
        "ollama": {"think": False},
    }
    return _set(body, off.get(target.dialect, {}))


def _set(body: Json, fields: dict[str, Any]) -> Json:
    if all(body.get(key) == value for key, value in fields.items()):
        return body
    return {**body, **fields}
