"""What Anthropic's clients may send, and what Anthropic gets from the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest

from haystacks.dialect import Adaptation, Json, TokenEstimate, UpstreamDialect
from haystacks.dialects.anthropic.dialect import (
    decode_request,
    decode_response,
    encode_error,
    encode_response,
    headers,
    path,
)
from haystacks.dialects.table import UPSTREAMS
from haystacks.errors import BadAnswer, BadRequest, Overloaded
from haystacks.pool import Model

Spoil = Callable[[Json], Iterator[Json]]

CAPTURES = sorted((Path(__file__).parents[2] / "captures").glob("*.json"))
REQUESTS = [
    pytest.param(capture["body"], id=capture["name"])
    for capture in map(orjson.loads, map(Path.read_bytes, CAPTURES))
    if capture["path"].startswith("/v1/messages")
]
THINKER = Model("m", capabilities=frozenset({"thinking"}))
OTHERS = pytest.mark.parametrize(
    "upstream",
    [pytest.param(UPSTREAMS[name], id=name) for name in UPSTREAMS if name != "anthropic"],
)
ESTIMATE = TokenEstimate(input=lambda: 7, text=len)
HI: list[Json] = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize("body", REQUESTS)
def test_what_clients_send_is_taken_as_it_is(body: Json) -> None:
    adaptation = Adaptation()
    assert decode_request(body, adaptation) is body
    assert adaptation == Adaptation()


@OTHERS
@pytest.mark.parametrize("body", REQUESTS)
def test_what_clients_send_never_changes_in_translation(
    body: Json, upstream: UpstreamDialect
) -> None:
    before = deepcopy(body)
    upstream.encode_request(body, THINKER, Adaptation())
    assert body == before


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "messages: Input should be a valid list"),
        ({"messages": []}, "messages: at least one message is required"),
        ({"messages": HI, "model": 5}, "model: Input should be a valid string"),
        ({"messages": HI, "max_tokens": 0}, "max_tokens: Input should be a positive integer"),
        ({"messages": HI, "max_tokens": True}, "max_tokens: Input should be a positive integer"),
        ({"messages": HI, "tools": [{}]}, "tools.0.name: Input should be a valid string"),
        ({"messages": HI, "system": [5]}, "system.0: Input should be a valid dictionary"),
        ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
        (
            {"messages": [*HI, {"role": "tool", "content": ""}]},
            "messages.1.role: Input should be 'user', 'assistant' or 'system'",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
            "messages.0.content.0.text: Input should be a valid string",
        ),
    ],
)
def test_a_malformed_request_is_refused_in_anthropics_words(body: Json, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decode_request(body, Adaptation())
    assert refused.value.message == message


SAMPLE: Json = {
    "model": "m",
    "max_tokens": 5,
    "system": [{"type": "text", "text": "S."}],
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "content": [{"type": "tool_reference", "tool_name": "f"}],
                },
                {"type": "image", "source": {"type": "url", "url": "https://example.org"}},
                {
                    "type": "document",
                    "source": {"type": "content", "content": [{"type": "text", "text": "d"}]},
                },
                {
                    "type": "search_result",
                    "title": "t",
                    "source": "s",
                    "content": [{"type": "text", "text": "r"}],
                },
            ],
        },
    ],
    "tools": [{"name": "f", "input_schema": {"type": "object"}}],
    "tool_choice": {"type": "tool", "name": "f"},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {}}},
    "metadata": {"user_id": "u"},
    "stop_sequences": ["a"],
}


@OTHERS
def test_what_is_let_in_can_be_translated_or_is_refused(
    spoiled: Spoil, upstream: UpstreamDialect
) -> None:
    for body in spoiled(SAMPLE):
        with suppress(BadRequest):
            upstream.encode_request(decode_request(body, Adaptation()), THINKER, Adaptation())


@pytest.mark.parametrize("body", [None, [], {}, {"type": "message"}, {"type": "ping"}])
def test_what_is_no_message_is_never_a_success(body: Any) -> None:
    with pytest.raises(BadAnswer):
        decode_response(body, ESTIMATE)


def test_an_error_that_came_with_a_good_status_is_that_error() -> None:
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    with pytest.raises(Overloaded, match="Overloaded"):
        decode_response(body, ESTIMATE)


def test_a_message_passes_with_all_that_is_in_it() -> None:
    message = {"type": "message", "content": [{"type": "new"}], "usage": {}, "container": {}}
    assert encode_response(decode_response(message, ESTIMATE), {}) is message


def test_errors_have_anthropics_envelope() -> None:
    assert encode_error(529, "overloaded_error", "Overloaded", "req_1") == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Overloaded"},
        "request_id": "req_1",
    }


def test_the_version_is_one_that_takes_sampling() -> None:
    assert headers("sk-1") == {"x-api-key": "sk-1", "anthropic-version": "2023-06-01"}
    assert headers("") == {"anthropic-version": "2023-06-01"}
    assert path("m", stream=False) == "/v1/messages"
