"""What holds for every answer of Ollama's, whole or line by line."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialect import Json
from haystacks.dialects.ollama.dialect import (
    decode_error,
    decode_response,
    headers,
    path,
    stream_decoder,
)
from haystacks.errors import BadAnswer, Overloaded, StreamBroken, UpstreamError
from tests.haystacks.dialects.event_order import told
from tests.haystacks.dialects.transcripts import ESTIMATE, decoded

END = {"done": True, "done_reason": "stop", "prompt_eval_count": 26, "eval_count": 9}


def line(message: object, **more: object) -> bytes:
    body = {"model": "m", "created_at": "2026-11-21T10:00:00.1Z", "message": message, **more}
    return orjson.dumps(body) + b"\n"


def call(name: object = "look", arguments: object = None, **more: object) -> Json:
    return {"tool_calls": [{"function": {"name": name, "arguments": arguments}, **more}]}


def message(*lines: bytes) -> Json:
    return told(decoded(stream_decoder(ESTIMATE), *lines))


def whole(message: object, **more: object) -> Json:
    return decode_response({"model": "m", "message": message, **END, **more}, ESTIMATE)


# -- What comes in a stream, in any order

steps = st.one_of(
    st.tuples(st.sampled_from(["content", "thinking"]), st.text(min_size=1, max_size=8)),
    st.tuples(st.just("call"), st.dictionaries(st.text(max_size=4), st.text(max_size=4))),
)


@given(script=st.lists(steps, max_size=10))
@settings(max_examples=100)
def test_any_order_of_text_thinking_and_calls_becomes_whole_blocks(script: list[Any]) -> None:
    lines = [line(call("f", s) if kind == "call" else {kind: s}) for kind, s in script]
    answer = message(*lines, line({"content": ""}, **END))
    blocks = answer["content"]
    calls = [block for block in blocks if block["type"] == "tool_use"]
    assert [orjson.loads(block["input"]) for block in calls] == [
        s for k, s in script if k == "call"
    ]
    assert len({block["id"] for block in calls}) == len(calls)
    for kind, field in (("content", "text"), ("thinking", "thinking")):
        assert "".join(block.get(field, "") for block in blocks) == "".join(
            s for k, s in script if k == kind
        )
    assert answer["stop_reason"] == ("tool_use" if calls else "end_turn")


def test_all_that_one_line_holds_is_told() -> None:
    full = {"thinking": "Hm.", "content": "Yes.", **call("f", {"a": 1})}
    answer = message(line(full, **END))
    assert [block["type"] for block in answer["content"]] == ["thinking", "text", "tool_use"]


def test_the_same_answer_has_the_same_ids_and_another_has_others() -> None:
    one, again = (message(line(call()), line({}, **END)) for _ in range(2))
    other = message(line(call(), created_at="2026-11-21T10:00:00.2Z"), line({}, **END))
    assert one == again
    assert one["id"] != other["id"]
    assert one["content"][0]["id"] != other["content"][0]["id"]


def test_an_id_that_the_server_made_is_kept() -> None:
    assert message(line(call(id="call_7")), line({}, **END))["content"][0]["id"] == "call_7"


def test_the_counts_of_the_last_line_are_the_usage() -> None:
    usage = message(line({"content": "Hello."}), line({}, **END))["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (26, 9)


def test_an_empty_answer_is_an_answer() -> None:
    answer = message(line({"content": ""}, **END))
    assert (answer["content"], answer["stop_reason"]) == ([], "end_turn")


# -- What is no answer


def test_an_error_in_a_stream_is_raised_after_what_was_said_before_it() -> None:
    failure = b'{"error":"llama runner process has terminated"}\n'
    with pytest.raises(Overloaded, match="terminated"):
        stream_decoder(ESTIMATE).feed(failure)
    late = stream_decoder(ESTIMATE)
    assert len(late.feed(line({"content": "Hel"}) + failure)) == 3
    with pytest.raises(Overloaded, match="terminated"):
        late.finish()


@pytest.mark.parametrize("sent", [b"", line({"content": "Hel"})])
def test_a_stream_without_its_last_line_is_broken(sent: bytes) -> None:
    with pytest.raises(StreamBroken):
        decoded(stream_decoder(ESTIMATE), sent)


@pytest.mark.parametrize(
    "wrong",
    [
        {"done_reason": "load"},
        {"done_reason": "unload"},
        {"message": "hello"},
        {"message": call(name="")},
        {"message": call(arguments="{}")},
        {"message": {"tool_calls": {"look": 1}}},
        {"message": {"tool_calls": ["look"]}},
    ],
)
def test_what_is_no_answer_is_never_an_empty_success(wrong: Json) -> None:
    body = {"message": {"content": ""}, **END, **wrong}
    with pytest.raises(BadAnswer):
        decode_response(body, ESTIMATE)
    with pytest.raises(BadAnswer):
        decoded(stream_decoder(ESTIMATE), orjson.dumps(body))


@pytest.mark.parametrize("body", [None, [], {}, "Bad Gateway"])
def test_what_is_no_object_of_ollamas_is_refused(body: Any) -> None:
    with pytest.raises(BadAnswer):
        decode_response(body, ESTIMATE)


def test_an_error_that_came_with_a_good_status_is_that_error() -> None:
    with pytest.raises(Overloaded, match="out of memory"):
        decode_response({"error": "out of memory"}, ESTIMATE)


def test_a_refusal_is_passed_in_its_own_words() -> None:
    words = b'{"error":"the input length exceeds the context length"}'
    assert decode_error(400, words) == (
        "invalid_request_error",
        "the input length exceeds the context length",
    )


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["function", "name", "arguments", "id"]), inner)
    ),
    max_leaves=6,
)


@given(
    fields=st.dictionaries(st.sampled_from(["content", "thinking", "tool_calls"]), JSON_VALUES),
    more=st.dictionaries(
        st.sampled_from(["error", "model", "done", "done_reason", "eval_count"]), JSON_VALUES
    ),
)
@settings(max_examples=150)
def test_no_line_however_odd_fails_otherwise_than_as_an_upstream(fields: Json, more: Json) -> None:
    try:
        answer = message(line(fields, **more), line({}, **END))
        whole(fields, **more)
    except UpstreamError:
        return
    assert answer["stop_reason"]


def test_a_key_is_a_bearer_token_and_none_is_needed() -> None:
    assert headers("") == {}
    assert headers("k") == {"authorization": "Bearer k"}
    assert path("m", stream=True) == "/api/chat"
