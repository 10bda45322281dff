"""What holds for every whole answer between OpenAI chat and the canonical form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.dialect import Json, TokenEstimate
from haystacks.dialects.openai_chat.arguments import RAW, decode_arguments, encode_arguments
from haystacks.dialects.openai_chat.dialect import (
    decode_response,
    encode_error,
    encode_response,
    headers,
    path,
)
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.errors import BadAnswer, RateLimited

ESTIMATE = TokenEstimate(input=lambda: 7, text=len)


def completion(message: Any, finish_reason: str = "stop") -> Json:
    return {"id": "x", "choices": [{"message": message, "finish_reason": finish_reason}]}


@pytest.mark.parametrize(
    "body",
    [
        None,
        "Bad Gateway",
        {},
        {"choices": []},
        {"choices": [None]},
        completion(None),
        completion({"content": "Hel"}, "error"),
        completion({"content": "Hel"}, "insufficient_system_resource"),
        completion({"tool_calls": [{"id": "a", "function": {"arguments": "{}"}}]}),
        completion({"tool_calls": ["a"]}),
    ],
)
def test_what_is_no_answer_is_never_an_empty_success(body: Any) -> None:
    with pytest.raises(BadAnswer):
        decode_response(body, ESTIMATE)


def test_an_error_that_came_with_a_good_status_is_that_error() -> None:
    with pytest.raises(RateLimited, match="slow down"):
        decode_response({"error": {"message": "slow down", "code": 429}}, ESTIMATE)


def test_the_same_nameless_answer_has_the_same_name() -> None:
    nameless = {"choices": [{"message": {"content": "hi"}}]}
    first, second = (decode_response(nameless, ESTIMATE)["id"] for _ in range(2))
    assert first == second != "msg_"


@given(st.text(st.characters(codec="utf-8")))
def test_arguments_are_never_lost(text: str) -> None:
    decoded = decode_arguments(text)
    if RAW in decoded:
        assert encode_arguments(decoded) == text
    else:
        assert decode_arguments(encode_arguments(decoded)) == decoded


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_tool_ids_are_valid_and_still_tell_calls_apart(one: str, other: str) -> None:
    assert 1 <= len(tool_id(one)) <= 40
    assert tool_id(one).replace("_", "a").replace("-", "a").isalnum()
    assert tool_id(tool_id(one)) == tool_id(one)
    assert (tool_id(one) == tool_id(other)) == (one == other)


def test_an_answer_goes_through_openai_and_back() -> None:
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": ""},
            {"type": "text", "text": "Two."},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": [1, "é"]}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 10,
            "cache_creation_input_tokens": 20,
            "cache_read_input_tokens": 30,
            "output_tokens": 40,
            "output_tokens_details": {"thinking_tokens": 5},
        },
    }
    assert decode_response(encode_response(message, {}), ESTIMATE) == message


def test_errors_carry_openais_types_and_codes() -> None:
    error = encode_error(429, "rate_limit_error", "slow down", "req_1")["error"]
    assert error == {
        "message": "slow down",
        "type": "rate_limit_error",
        "param": None,
        "code": "rate_limit_exceeded",
    }
    too_long = encode_error(400, "invalid_request_error", "prompt is too long: 9 > 8", "req_1")
    assert too_long["error"]["code"] == "context_length_exceeded"
    assert encode_error(500, "api_error", "x", "req_1")["error"]["type"] == "server_error"


def test_a_provider_without_keys_gets_no_authorization() -> None:
    assert headers("") == {}
    assert headers("sk-1") == {"authorization": "Bearer sk-1"}
    assert path("m", stream=True) == "/chat/completions"
