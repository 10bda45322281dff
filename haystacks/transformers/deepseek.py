"""What DeepSeek does not take is put otherwise: long limits, content lists, JSON schemas, roles."""

from __future__ import annotations

from typing import Final

import orjson

from haystacks.dialect import Json
from haystacks.transformer import Form, Target, Transformer
from haystacks.transformers.chat_messages import each_message, plain_text
from haystacks.transformers.parameters import place_of, value_at, with_value

_LIMITS: Final = {"deepseek-chat": 8192, "deepseek-reasoner": 65536}
"""The most tokens of an answer, where the haystack's file names no ``max_output``."""


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""
    return Transformer("deepseek", body=_fit)


def _fit(body: Json, target: Target) -> Json:
    if target.dialect != "openai_chat":
        return body
    body = each_message(body, lambda message: _plain_role(plain_text(message)))
    return _described_schema(_within_limit(body, target))


def _plain_role(message: Json) -> Json:
    return {**message, "role": "system"} if message.get("role") == "developer" else message


def _within_limit(body: Json, target: Target) -> Json:
    limit = target.model.max_output or _LIMITS.get(target.model.id.rpartition("/")[2])
    place = place_of("max_tokens", target.dialect, body)
    asked = value_at(body, place) if place else None
    if place is None or limit is None or not isinstance(asked, int) or asked <= limit:
        return body
    return with_value(body, place, limit)


def _described_schema(body: Json) -> Json:
    """Ask for any JSON, and describe the schema in words: DeepSeek enforces none."""
    wanted = body.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        return body
    schema = orjson.dumps((wanted.get("json_schema") or {}).get("schema")).decode()
    order = {"role": "system", "content": f"Answer in JSON that fits this JSON Schema: {schema}"}
    return {
        **body,
        "messages": [order, *body["messages"]],
        "response_format": {"type": "json_object"},
    }
