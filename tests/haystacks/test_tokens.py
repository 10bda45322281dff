from __future__ import annotations

import base64
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from haystacks.tokens import Counted, count_request, count_text

PROSE = "Please read the file and tell me, in your own words, what each function promises. "
WEATHER = {
    "name": "get_weather",
    "description": "Get the current weather in a given location",
    "input_schema": {
        "type": "object",
        "properties": {
            "location": {
                "type": "string",
                "description": "The city and state, e.g. San Francisco, CA",
            }
        },
        "required": ["location"],
    },
}


def user(*content: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(content)}]}


def image(width: int, height: int) -> dict[str, Any]:
    head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + struct.pack(">II", width, height)
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(head).decode()}
    return {"type": "image", "source": source}


def conversation(turns: int) -> dict[str, Any]:
    messages = [
        {
            "role": "user" if turn % 2 == 0 else "assistant",
            "content": [{"type": "text", "text": f"{turn}. " + PROSE * 40}],
        }
        for turn in range(turns)
    ]
    return {"model": "gpt-5", "system": PROSE * 100, "tools": [WEATHER] * 20, "messages": messages}


def test_a_text_counts_as_tiktoken_does_for_models_whose_tokenizer_is_public() -> None:
    assert count_text("hello world", "gpt-5") == 2
    assert count_text("hello world") == 2


def test_w57_examples_of_anthropics_manual_are_within_ten_percent_or_two_tokens() -> None:
    """A count for Claude -> within 10 % of what Anthropic's manual says."""
    model = "claude-sonnet-4-5"
    hello = {
        "system": "You are a scientist",
        "messages": [{"role": "user", "content": "Hello, Claude"}],
    }
    question = "What's the weather like in San Francisco?"
    weather = {"tools": [WEATHER], "messages": [{"role": "user", "content": question}]}
    assert count_request(hello, model) == pytest.approx(14, abs=2)
    assert count_request(weather, model) == pytest.approx(403, rel=0.1)


def test_the_model_of_the_request_decides_unless_another_is_named() -> None:
    request = conversation(4)
    claude = count_request({**request, "model": "claude-opus-5-5"})
    assert claude == count_request(request, "claude-opus-5-5")
    assert claude > 1.3 * count_request(request)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "text", "text": PROSE},
        {"type": "thinking", "thinking": PROSE, "signature": "c2lnbmF0dXJl" * 99},
        {"type": "tool_use", "id": "t", "name": "Read", "input": {"path": PROSE}},
        {"type": "tool_result", "tool_use_id": "t", "content": PROSE},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": PROSE}]},
        {"type": "document", "source": {"type": "text", "data": PROSE}},
        {"type": "document", "source": {"type": "content", "content": PROSE}},
    ],
    ids=lambda block: block["type"],
)
def test_the_text_of_every_kind_of_block_counts_once(block: dict[str, Any]) -> None:
    added = count_request(user(block)) - count_request(user())
    assert added == pytest.approx(count_text(PROSE), abs=8)


def test_images_count_by_their_size_also_inside_tool_results() -> None:
    bare = count_request(user())
    inside = {"type": "tool_result", "tool_use_id": "t", "content": [image(280, 280)]}
    linked = {"type": "image", "source": {"type": "url", "url": "https://x.example/a.png"}}
    assert count_request(user(image(280, 280))) - bare == 100
    assert count_request(user(inside)) - bare == 100
    assert count_request(user(linked)) - bare == 1568


def test_a_pdf_counts_by_its_length_and_never_as_text() -> None:
    data = "JVBE" * 50_000
    pdf = {"type": "document", "source": {"type": "base64", "data": data}}
    by_id = {"type": "document", "source": {"type": "file", "file_id": "f"}}
    assert count_request(user(pdf)) - count_request(user()) == 3 * 2250
    assert count_request(user(by_id)) - count_request(user()) == 2250


def test_a_deferred_tool_counts_from_when_it_is_referred_to() -> None:
    deferred = {**WEATHER, "defer_loading": True}
    reference = {"type": "tool_reference", "tool_name": "get_weather"}
    unloaded = count_request({**user(), "tools": [deferred]})
    loaded = count_request({**user(reference), "tools": [deferred]})
    assert unloaded == count_request({**user(), "tools": []}) == count_request(user())
    assert loaded - unloaded >= count_text(str(WEATHER)) // 2


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"model": None, "system": None, "messages": None, "tools": None},
        {"messages": "x", "system": 3, "tools": {"a": 1}},
        {"messages": ["x", {"role": "user"}, {"content": [None, 1, {}]}], "tools": ["x"]},
        user({"type": "text", "text": None}, {"type": "image"}, {"type": "document", "source": 1}),
        user({"type": "image", "source": {"type": "base64", "data": "\u00e9"}}),
    ],
)
def test_what_a_provider_would_refuse_is_counted_without_harm(request_: dict[str, Any]) -> None:
    assert count_request(request_) > 0


def test_what_is_nested_too_deeply_is_no_failure() -> None:
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    block = {"type": "tool_use", "id": "t", "name": "x", "input": deep}
    assert count_request(user(block)) > 0


def test_a_block_is_remembered_by_what_it_says_and_not_by_its_object() -> None:
    counted = Counted()
    for _ in range(3):
        counted.count(b"hello".decode(), "o200k_base")
    counted.count("hello", "cl100k_base")
    counted.count("other", "o200k_base")
    assert len(counted) == 3


def test_the_least_recently_used_is_forgotten_first() -> None:
    counted = Counted(limit=2)
    for text in ("a", "b", "a", "c"):
        counted.count(text, "o200k_base")
    assert [key[2] for key in counted._counts] == [hash("a"), hash("c")]


def test_threads_may_count_at_once() -> None:
    counted = Counted(limit=50)
    texts = [f"text number {number % 120}" for number in range(2_000)]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda text: counted.count(text, "o200k_base"), texts))
    assert counts == [count_text(text) for text in texts]
    assert len(counted) <= 50


def test_a_conversation_of_60k_tokens_costs_a_millisecond_for_its_one_new_block() -> None:
    request = conversation(80)
    assert count_request(request) > 55_000
    spent = []
    for attempt in range(10):
        copy = conversation(80)  # fresh strings, as parsed from the wire
        copy["messages"].append({"role": "user", "content": f"And {attempt}? " + PROSE * 5})
        started = time.process_time()
        count_request(copy)
        spent.append(time.process_time() - started)
    assert min(spent) < 0.001
