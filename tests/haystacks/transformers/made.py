"""Transformers as a test wants them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from haystacks.dialect import Json
from haystacks.pool import DialectName, Model
from haystacks.transformer import Target, Transformer
from haystacks.transformers.table import KINDS


def transformer(name: str, **options: Any) -> Transformer:
    kind = KINDS[name]
    return kind.make(kind.options.model_validate(options))


def sent(
    name: str,
    body: Json,
    options: Mapping[str, Any] = MappingProxyType({}),
    *,
    dialect: DialectName = "openai_chat",
    model: Model | str = "m",
    asked: Json | None = None,
) -> Json:
    """Return a body after the transformer; ``asked`` is the canonical request."""
    made = transformer(name, **options)
    assert made.body is not None
    target = Target(dialect, Model(model) if isinstance(model, str) else model, asked or {})
    return made.body(body, target)


def streamed(name: str, events: list[Json]) -> list[Json]:
    """Return canonical events after the transformer."""
    made = transformer(name)
    assert made.events is not None
    each = made.events()
    return [out for event in events for out in each(event)]


def answered(name: str, *content: Json, stop: str = "end_turn") -> Json:
    """Return a whole canonical answer after the transformer."""
    made = transformer(name)
    assert made.message is not None
    return made.message(message(*content, stop=stop))


def message(*content: Json, stop: str = "end_turn") -> Json:
    usage = {"input_tokens": 1, "output_tokens": 2}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def thinking(words: str) -> Json:
    return {"type": "thinking", "thinking": words, "signature": ""}


def call(name: str, arguments: Any, call_id: str = "toolu_1") -> Json:
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}
