"""What single providers do not take."""

from __future__ import annotations

from typing import Any

import pytest

from haystacks.dialect import Json
from haystacks.pool import Model
from tests.haystacks.transformers.made import sent

PARTS = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
PICTURE = [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "u"}}]
PLAIN: Json = {"model": "m", "messages": [{"role": "user", "content": "x"}]}


def tool(schema: Json) -> Json:
    return {"type": "function", "function": {"name": "t", "parameters": schema}}


@pytest.mark.parametrize("name", ["deepseek", "groq", "cerebras", "gemini", "openrouter"])
def test_a_request_that_its_provider_takes_is_the_very_same(name: str) -> None:
    assert sent(name, PLAIN) is PLAIN
    marked = {**PLAIN, "n": 2, "cache_control": {}}
    assert sent(name, marked, dialect="anthropic") is marked


@pytest.mark.parametrize("name", ["deepseek", "cerebras"])
def test_lists_of_texts_become_texts_and_pictures_stay(name: str) -> None:
    messages: list[Json] = [
        {"role": "user", "content": PARTS},
        {"role": "user", "content": PICTURE},
    ]
    after = sent(name, {"messages": messages})["messages"]
    assert [message["content"] for message in after] == ["a\nb", PICTURE]
    assert messages[0]["content"] is PARTS


@pytest.mark.parametrize(
    ("model", "asked", "told"),
    [
        (Model("deepseek-chat"), 9000, 8192),
        (Model("deepseek/deepseek-reasoner"), 90_000, 65_536),
        (Model("deepseek-chat", max_output=500), 9000, 500),
        (Model("deepseek-v9"), 90_000, 90_000),
        (Model("deepseek-chat"), 100, 100),
    ],
)
def test_deepseek_is_asked_for_no_more_than_it_gives(model: Model, asked: int, told: int) -> None:
    assert sent("deepseek", {"max_tokens": asked}, model=model)["max_tokens"] == told


def test_deepseek_gets_a_schema_in_words_and_no_developer() -> None:
    wanted = {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}
    messages = [{"role": "developer", "content": "d"}, {"role": "user", "content": "x"}]
    after = sent("deepseek", {"messages": messages, "response_format": wanted})
    assert after["response_format"] == {"type": "json_object"}
    assert '{"type":"object"}' in after["messages"][0]["content"]
    assert [message["role"] for message in after["messages"]] == ["system", "system", "user"]


def test_groq_loses_what_it_refuses() -> None:
    body = {
        "messages": [{"role": "user", "name": "me", "content": "x", "cache_control": {}}],
        "tools": [tool({"$schema": "s", "type": "object"})],
        "n": 1,
        "logprobs": True,
        "logit_bias": {},
        "top_logprobs": 2,
        "temperature": 0,
    }
    assert sent("groq", body) == {
        "messages": [{"role": "user", "content": "x"}],
        "tools": [tool({"type": "object"})],
        "temperature": 0,
    }


def test_cerebras_loses_what_it_refuses() -> None:
    refused = ("frequency_penalty", "logit_bias", "presence_penalty", "service_tier")
    assert sent("cerebras", {**PLAIN, **dict.fromkeys(refused, 1)}) == PLAIN


def test_gemini_gets_schemas_in_its_own_words() -> None:
    schema = {
        "$schema": "s",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "format": {"type": "string", "format": "uri"},
            "when": {"type": "string", "format": "date-time"},
            "many": {"type": "array", "items": {"type": "object", "additionalProperties": {}}},
        },
    }
    [made] = sent("gemini", {"tools": [tool(schema)]})["tools"]
    parameters = made["function"]["parameters"]
    assert "$schema" not in parameters
    assert "additionalProperties" not in str(parameters)
    assert parameters["properties"]["format"].get("format") is None
    assert parameters["properties"]["when"]["format"] == "date-time"
    wanted = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}
    answer = sent("gemini", {"response_format": wanted})["response_format"]["json_schema"]
    assert answer == {"name": "a", "schema": parameters}


@pytest.mark.parametrize(
    ("asked", "reasoning"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, {"max_tokens": 2000}),
        (
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}},
            {"effort": "high"},
        ),
        ({"thinking": {"type": "adaptive"}}, {"enabled": True}),
        ({"thinking": {"type": "disabled"}}, None),
        ({}, None),
    ],
)
def test_openrouter_is_asked_for_thinking_in_its_own_field(asked: Json, reasoning: Any) -> None:
    after = sent("openrouter", {"reasoning_effort": "low"}, asked=asked)
    assert after.get("reasoning") == reasoning
    assert ("reasoning_effort" in after) == (reasoning is None)


def test_openrouter_takes_options_and_marks_only_where_they_help() -> None:
    marked = {"messages": [{"role": "user", "content": [{"type": "text", "cache_control": {}}]}]}
    options = {"provider": {"only": ["groq"]}}
    claude = sent("openrouter", marked, options, model="anthropic/claude-sonnet-4.5")
    assert claude == {**marked, **options}
    other = sent("openrouter", marked, model="qwen/qwen3")
    assert other == {"messages": [{"role": "user", "content": [{"type": "text"}]}]}
