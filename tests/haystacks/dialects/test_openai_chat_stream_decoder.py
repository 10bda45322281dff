from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialect import Json
from haystacks.errors import BadAnswer, Overloaded, RateLimited, StreamBroken, UpstreamError
from tests.haystacks.dialects.event_order import told
from tests.haystacks.dialects.openai_chunks import DONE, call, chunk, data, fresh, message
from tests.haystacks.dialects.transcripts import decoded

# -- Reasoning


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning_content": "hm", "reasoning": "hm"},
        {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "hm"}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
    ],
)
def test_reasoning_is_told_once_under_whatever_name_it_comes(delta: Json) -> None:
    answer = message(chunk(delta), chunk({"content": [{"type": "text", "text": "x"}]}), DONE)
    assert answer["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": ""},
        {"type": "text", "text": "x"},
    ]


# -- The end


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("stop", "end_turn"),
        ("eos", "end_turn"),
        ("length", "max_tokens"),
        ("content_filter", "refusal"),
        ("tool_calls", "end_turn"),
    ],
)
def test_the_finish_reason_becomes_the_stop_reason(finish: str, reason: str) -> None:
    assert message(chunk({"content": "x"}), chunk({}, finish), DONE)["stop_reason"] == reason


def test_a_cut_call_says_that_it_was_cut() -> None:
    cut = chunk(call('{"a', index=0, id="x", name="one"))
    assert message(cut, chunk({}, "length"), DONE)["stop_reason"] == "max_tokens"


def test_a_refusal_is_text_and_the_stop_reason() -> None:
    answer = message(chunk({"refusal": "No."}), chunk({}, "stop"), DONE)
    assert answer["content"] == [{"type": "text", "text": "No."}]
    assert answer["stop_reason"] == "refusal"


def test_an_end_without_done_is_fine_behind_a_finish_reason() -> None:
    assert message(chunk({"content": "x"}), chunk({}, "stop"))["stop_reason"] == "end_turn"


def test_an_end_without_a_blank_line_is_read() -> None:
    assert message(chunk({"content": "x"}), b"data: [DONE]")["content"][0]["text"] == "x"


@pytest.mark.parametrize("tail", [b"", b'data: {"choices":[{"del', chunk({"role": "assistant"})])
def test_an_end_without_a_finish_reason_is_a_broken_stream(tail: bytes) -> None:
    decoder = fresh()
    decoder.feed(chunk({"content": "x"}) + tail)
    with pytest.raises(UpstreamError):
        decoder.finish()


def test_a_stream_that_never_began_is_broken() -> None:
    with pytest.raises(StreamBroken):
        fresh().finish()


def test_a_done_that_ends_nothing_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match="says nothing"):
        fresh().feed(DONE)


def test_what_follows_done_is_not_read() -> None:
    assert (
        message(chunk({"content": "x"}), DONE, b"data: nonsense\n\n")["stop_reason"] == "end_turn"
    )


# -- Usage


USAGE = {"prompt_tokens": 10, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 8}}
COUNTED = {
    "input_tokens": 2,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 8,
    "output_tokens": 3,
}


@pytest.mark.parametrize(
    "end",
    [
        chunk({}, "stop", usage=USAGE),
        chunk({}, "stop") + data({"choices": [], "usage": USAGE}),
        chunk({}, "stop") + data({"usage": USAGE}) + data({"choices": [], "usage": None}),
        data({"choices": [{"delta": {}, "finish_reason": "stop", "usage": USAGE}]}),
    ],
)
def test_usage_counts_wherever_it_comes(end: bytes) -> None:
    assert message(chunk({"content": "x"}), end, DONE)["usage"] == COUNTED


def test_without_usage_everything_said_is_counted_here() -> None:
    answer = message(
        chunk({"reasoning": "abc"}),
        chunk({"content": "de"}),
        chunk(call("{}", index=0, id="x", name="tool")),
        DONE,
    )
    assert answer["usage"] == {
        "input_tokens": 42,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": len("abc" + "de" + "tool" + "{}"),
    }


def test_the_start_names_an_estimate_of_the_input() -> None:
    start = fresh().feed(chunk({"content": "x"}))[0]["message"]
    assert (start["id"], start["model"], start["role"]) == ("msg_1", "m", "assistant")
    assert (start["usage"]["input_tokens"], start["usage"]["output_tokens"]) == (42, 0)


# -- Chunks that say nothing, and failures


@pytest.mark.parametrize(
    "quiet",
    [
        chunk({"role": "assistant"}),
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": None, "tool_calls": None}),
        chunk(None),
        data({"id": "", "model": "", "choices": [], "prompt_filter_results": []}),
        data({"choices": [{"index": 1, "delta": {"content": "another answer"}}]}),
        b": OPENROUTER PROCESSING\n\n",
        b"data:\n\n",
    ],
)
def test_a_chunk_that_says_nothing_opens_no_message(quiet: bytes) -> None:
    decoder = fresh()
    assert decoder.feed(quiet) == []
    events = decoder.feed(chunk({"content": "x"}))
    assert events[0]["message"]["id"] == "msg_1"


@pytest.mark.parametrize(
    ("failure", "leaf"),
    [
        (data({"error": {"message": "busy", "code": 503}}), Overloaded),
        (data({"error": {"message": "slow", "type": "rate_limit_exceeded"}}), RateLimited),
        (data({"id": "1", "choices": [], "error": {"message": "x", "code": 429}}), RateLimited),
        (chunk({}, "error"), BadAnswer),
        (b"data: <html>\n\n", BadAnswer),
        (b"data: 7\n\n", BadAnswer),
        (chunk("text"), BadAnswer),
        (chunk({"content": 7}), BadAnswer),
        (chunk({"tool_calls": 7}), BadAnswer),
        (chunk({"tool_calls": [7]}), BadAnswer),
        (chunk(call(7, index=0, name="x")), BadAnswer),
        (data({"choices": 7}), BadAnswer),
    ],
)
def test_a_failure_is_raised_after_what_was_said_before_it(
    failure: bytes, leaf: type[UpstreamError]
) -> None:
    with pytest.raises(leaf):
        fresh().feed(chunk({"role": "assistant"}) + failure)
    late = fresh()
    assert late.feed(chunk({"content": "x"}) + failure + chunk({"content": "y"}))
    for _ in range(2):
        with pytest.raises(leaf):
            late.feed(chunk({"content": "z"}))
    with pytest.raises(leaf):
        late.finish()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["function", "name", "arguments", "id", "index", "type", "text"]), inner
        )
    ),
    max_leaves=6,
)


@given(
    fields=st.dictionaries(
        st.sampled_from(
            ["annotations", "content", "tool_calls", "reasoning", "reasoning_details", "refusal"]
        ),
        JSON_VALUES | st.lists(JSON_VALUES, max_size=2),
    ),
    more=st.dictionaries(st.sampled_from(["usage", "error", "id", "model"]), JSON_VALUES),
)
@settings(max_examples=150)
def test_no_chunk_however_odd_fails_otherwise_than_as_an_upstream(
    fields: dict[str, Any], more: dict[str, Any]
) -> None:
    try:
        answer = decoded(fresh(), chunk(fields, "stop", **more), DONE)
    except UpstreamError:
        return
    told(answer)
