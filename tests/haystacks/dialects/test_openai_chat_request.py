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
from haystacks.pool import Model

MODEL = Model("llama-3.3-70b")
Spoil = Callable[[Json], Iterator[Json]]


# -- Requests that OpenAI's dialect can express whole, in one normal form:
# alternating roles, a single text as a string, results in front of other content.

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.strip)
ids = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
inputs = st.dictionaries(texts, json_values, max_size=3)
text_blocks = st.builds(lambda text: {"type": "text", "text": text}, texts)
images = st.builds(
    lambda source: {"type": "image", "source": source},
    st.just({"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="})
    | st.just({"type": "url", "url": "https://example.org/a.png"}),
)
tools = st.builds(
    lambda name, description, properties: {
        "name": name,
        "description": description,
        "input_schema": {"type": "object", "properties": properties},
    },
    ids,
    texts,
    st.dictionaries(texts, st.just({"type": "string"}), max_size=2),
)


def content(blocks: list[Json]) -> list[Json] | str:
    if len(blocks) == 1 and blocks[0]["type"] == "text":
        return str(blocks[0]["text"])
    return blocks


@st.composite
def conversations(draw: st.DrawFn) -> list[Json]:
    messages: list[Json] = []
    results: list[Json] = []
    for _ in range(draw(st.integers(1, 4))):
        said = draw(st.lists(text_blocks | images, min_size=0 if results else 1, max_size=3))
        messages.append({"role": "user", "content": content(results + said)})
        words: list[Json] = draw(st.lists(text_blocks, max_size=1))
        called = draw(st.lists(ids, min_size=0 if words else 1, max_size=3, unique=True))
        calls = [
            {"type": "tool_use", "id": call, "name": draw(ids), "input": draw(inputs)}
            for call in called
        ]
        messages.append({"role": "assistant", "content": content(words + calls)})
        results = [
            {"type": "tool_result", "tool_use_id": call, "content": draw(texts)} for call in called
        ]
    if results:
        messages.append({"role": "user", "content": results})
    return messages


@st.composite
def requests(draw: st.DrawFn) -> Json:
    optional: Json = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "system": texts,
                "max_tokens": st.integers(1, 10**6),
                "temperature": st.floats(0, 1),
                "top_p": st.floats(0, 1),
                "stop_sequences": st.lists(texts, min_size=1, max_size=4),
                "stream": st.just(value=True),
                "metadata": st.builds(lambda user: {"user_id": user}, texts),
                "output_config": st.just(
                    {"format": {"type": "json_schema", "schema": {"type": "object"}}}
                ),
            },
        )
    )
    offered = draw(st.lists(tools, max_size=2))
    if offered:
        optional["tools"] = offered
        optional["tool_choice"] = draw(
            st.sampled_from(
                [
                    {"type": "auto"},
                    {"type": "auto", "disable_parallel_tool_use": True},
                    {"type": "any", "disable_parallel_tool_use": True},
                    {"type": "tool", "name": "Bash"},
                    {"type": "none"},
                ]
            )
        )
    return {"model": MODEL.id, "messages": draw(conversations()), **optional}


@settings(max_examples=150, deadline=None)
@given(requests())
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
