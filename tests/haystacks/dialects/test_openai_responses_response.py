"""What holds for every whole answer between OpenAI's Responses and the canonical form."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.dialect import Adaptation, Json, TokenEstimate
from haystacks.dialects.openai_responses.custom_input import unwrap, wrap
from haystacks.dialects.openai_responses.dialect import (
    decode_request,
    decode_response,
    encode_response,
    headers,
    path,
    stream_encoder,
)
from haystacks.errors import BadAnswer, Overloaded, RateLimited
from haystacks.http.sse import events
from haystacks.message_events import message_events

ESTIMATE = TokenEstimate(input=lambda: 7, text=len)

MESSAGE: Json = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "call_1", "name": "ls", "input": {"path": "."}},
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


@pytest.mark.parametrize(
    "body",
    [
        None,
        "Bad Gateway",
        {},
        {"output": None},
        {"status": "in_progress", "output": []},
        {"status": "cancelled", "output": []},
        {"output": ["a"]},
        {"output": [{"type": "message", "content": ["a"]}]},
        {"output": [{"type": "function_call", "call_id": "c", "arguments": "{}"}]},
    ],
)
def test_what_is_no_answer_is_never_an_empty_success(body: Any) -> None:
    with pytest.raises(BadAnswer):
        decode_response(body, ESTIMATE)


@pytest.mark.parametrize(
    ("code", "failure"), [("rate_limit_exceeded", RateLimited), ("server_error", Overloaded)]
)
def test_a_failed_response_is_the_failure_that_it_names(
    code: str, failure: type[Exception]
) -> None:
    failed = {"status": "failed", "output": [], "error": {"code": code, "message": "slow down"}}
    with pytest.raises(failure, match="slow down"):
        decode_response(failed, ESTIMATE)


def test_an_answer_goes_through_a_response_and_back() -> None:
    assert decode_response(encode_response(MESSAGE, {}), ESTIMATE) == MESSAGE


def test_the_answer_tells_when_it_was_created() -> None:
    assert encode_response(MESSAGE, {}, clock=lambda: 12.9)["created_at"] == 12


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("ls", {"type": "function", "name": "ls"}),
        ("ls", {"type": "custom", "name": "ls"}),
        ("tool_search", {"type": "tool_search", "execution": "client"}),
    ],
)
def test_a_stream_ends_with_the_response_that_a_whole_answer_is(name: str, declared: Json) -> None:
    request = {"tools": [declared], "temperature": 0.5}
    content = [
        {"type": "thinking", "thinking": "Hm.", "signature": "EqQBCg=="},
        {"type": "text", "text": "I "},
        {"type": "text", "text": "look."},
        {"type": "tool_use", "id": "call_1", "name": name, "input": {"path": "."}},
    ]
    message = {**MESSAGE, "content": content}
    encoder = stream_encoder(request)
    streamed = events(b"".join(map(encoder.feed, message_events(message))))
    last = orjson.loads(streamed[-1].data)["response"]
    assert last == encode_response(message, request, clock=lambda: last["created_at"])


def test_what_an_answer_said_is_what_the_next_request_tells() -> None:
    content = [
        {"type": "thinking", "thinking": "Hm.", "signature": "EqQBCg=="},
        {"type": "redacted_thinking", "data": "EmwKAh=="},
        *MESSAGE["content"],
        {"type": "tool_use", "id": "call_2", "name": "patch", "input": {"input": "*** Begin"}},
    ]
    offered = {"tools": [{"type": "custom", "name": "patch"}, {"type": "function", "name": "ls"}]}
    output = encode_response({**MESSAGE, "content": content}, offered)["output"]

    history = [{"role": "user", "content": "hi"}, *output]
    again = decode_request({**offered, "input": history}, Adaptation())

    assert again["messages"][1] == {"role": "assistant", "content": content}


@given(st.text(st.characters(codec="utf-8")))
def test_a_freeform_tools_text_is_never_changed(text: str) -> None:
    assert unwrap(wrap(text)) == text


def test_a_provider_without_keys_gets_no_authorization() -> None:
    assert headers("") == {}
    assert headers("sk-1") == {"authorization": "Bearer sk-1"}
    assert path("m", stream=True) == "/responses"
