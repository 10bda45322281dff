"""What holds for every request between OpenAI chat and the canonical form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.openai_chat.dialect import decode_request, encode_request
from haystacks.errors import BadRequest
from tests.haystacks.dialects.canonical_requests import MODEL, conversations, requests

Spoil = Callable[[Json], Iterator[Json]]


@settings(max_examples=150, deadline=None)
@given(requests(stop_sequences=True))
def test_what_openai_can_express_comes_back_unchanged(canonical: Json) -> None:
    before = deepcopy(canonical)
    adaptation = Adaptation()

    body = encode_request(canonical, MODEL, adaptation)

    assert decode_request(orjson.loads(orjson.dumps(body)), Adaptation()) == before
    assert canonical == before
    assert adaptation == Adaptation()


# -- Rules that OpenAI enforces on messages


@settings(max_examples=100, deadline=None)
@given(conversations(), st.randoms(use_true_random=False))
def test_tool_messages_follow_their_calls_at_once(messages: list[Json], random: Any) -> None:
    for index in range(len(messages), 0, -1):
        if random.random() < 0.5:
            messages.insert(index, {"role": "system", "content": "Note."})

    body = encode_request({"model": "", "messages": messages}, MODEL, Adaptation())

    waiting: set[str] = set()
    for message in body["messages"]:
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
            continue
        assert not waiting
        assert message.get("content") or message.get("tool_calls")
        waiting = {call["id"] for call in message.get("tool_calls", ())}


# -- What is malformed


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"content": "hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}, "content[0].type"),
        ({"messages": [{"role": "tool", "content": "hi"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "user", "content": "hi"}], "model": 5}, "model"),
        ({"messages": [{"role": "user", "content": "hi"}], "max_tokens": 0}, "max_tokens"),
        ({"messages": [{"role": "user", "content": "hi"}], "tools": [{}]}, "tools[0]"),
        ({"messages": [{"role": "user", "content": "hi"}], "stop": [5]}, "stop"),
    ],
)
def test_a_malformed_request_is_refused_with_its_place(body: Json, place: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decode_request(body, Adaptation())
    assert place in refused.value.message


SAMPLE: Json = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "S."},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://e.org"}}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "ok"},
        {"role": "user", "content": [{"type": "file", "file": {"file_data": "x"}}]},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"schema": {}}},
    "stop": ["a"],
    "max_tokens": 5,
    "temperature": 1,
    "reasoning_effort": "low",
    "modalities": ["text"],
    "user": "u",
}


def test_a_wrong_value_anywhere_is_read_or_refused(spoiled: Spoil) -> None:
    for body in spoiled(SAMPLE):
        with suppress(BadRequest):
            encode_request(decode_request(body, Adaptation()), MODEL, Adaptation())
