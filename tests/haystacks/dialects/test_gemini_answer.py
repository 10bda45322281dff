"""What holds for every answer of Gemini's, whole or in chunks."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialect import Json
from haystacks.dialects.gemini.dialect import decode_response, stream_decoder
from haystacks.errors import BadAnswer, Overloaded, RateLimited, StreamBroken, UpstreamError
from tests.haystacks.dialects.event_order import told
from tests.haystacks.dialects.transcripts import ESTIMATE, decoded

BROKEN = [
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "MISSING_THOUGHT_SIGNATURE",
    "OTHER",
]


def answer(*parts: Any, finish: str = "", **more: object) -> Json:
    candidate: Json = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "responseId": "r1", **more}


def chunk(*parts: Any, finish: str = "", **more: object) -> bytes:
    return b"data: " + orjson.dumps(answer(*parts, finish=finish, **more)) + b"\r\n\r\n"


def call(name: object = "look", args: object = None, **more: object) -> Json:
    return {"functionCall": {"name": name, "args": args, **more}}


def message(*chunks: bytes) -> Json:
    return told(decoded(stream_decoder(ESTIMATE), *chunks))


END = chunk({"text": ""}, finish="STOP")

# -- What comes in a stream, in any order

texts = st.text(min_size=1, max_size=8)
signatures = st.sampled_from(["", "", "c2ln", "c2lnMg=="])
steps = st.one_of(
    st.tuples(st.sampled_from(["text", "thought"]), texts, signatures),
    st.tuples(st.just("call"), st.dictionaries(st.text(max_size=4), texts), signatures),
)


def part(step: tuple[str, Any, str]) -> Json:
    kind, said, signature = step
    found: Json = call("f", said) if kind == "call" else {"text": said}
    if kind == "thought":
        found["thought"] = True
    return {**found, "thoughtSignature": signature} if signature else found


@given(script=st.lists(steps, min_size=1, max_size=10))
@settings(max_examples=150)
def test_any_order_of_text_thoughts_and_calls_becomes_whole_blocks(script: list[Any]) -> None:
    blocks = (got := message(*(chunk(part(step)) for step in script), END))["content"]
    calls = [block for block in blocks if block["type"] == "tool_use"]
    wanted = [said for kind, said, _ in script if kind == "call"]
    assert [orjson.loads(block["input"]) for block in calls] == wanted
    assert len({block["id"] for block in calls}) == len(calls)
    for kind, field in (("text", "text"), ("thought", "thinking")):
        said = "".join(block.get(field, "") for block in blocks)
        assert said == "".join(said for each, said, _ in script if each == kind)
    assert got["stop_reason"] == ("tool_use" if calls else "end_turn")


@given(script=st.lists(steps, min_size=1, max_size=10))
@settings(max_examples=100)
def test_a_whole_answer_is_the_same_message_as_its_stream(script: list[Any]) -> None:
    parts = [part(step) for step in script]
    whole = decode_response(answer(*parts, finish="STOP"), ESTIMATE)
    streamed = message(*map(chunk, parts), END)
    for block in streamed["content"]:
        if block["type"] == "tool_use":
            block["input"] = orjson.loads(block["input"])
    assert whole == streamed


def test_the_counts_of_the_last_chunk_are_the_usage() -> None:
    first = {"promptTokenCount": 8}
    last = {"promptTokenCount": 8, "cachedContentTokenCount": 3, "candidatesTokenCount": 5}
    got = message(chunk({"text": "a"}, usageMetadata=first), END, chunk(usageMetadata=last))
    usage = got["usage"]
    assert [usage[name] for name in ("input_tokens", "cache_read_input_tokens")] == [5, 3]
    assert usage["output_tokens"] == 5


def test_old_models_name_a_finish_reason_in_every_chunk() -> None:
    got = message(chunk({"text": "Hel"}, finish="STOP"), chunk({"text": "lo"}, finish="STOP"))
    assert got["content"] == [{"type": "text", "text": "Hello"}]


def test_an_id_of_googles_is_kept_and_a_call_that_is_repeated_under_it_told_once() -> None:
    same = call("f", {"a": 1}, id="call_7")
    content = message(chunk(same), chunk(same), END)["content"]
    assert [block["id"] for block in content] == ["call_7"]


def test_ids_that_are_made_differ_between_answers() -> None:
    ids = [
        message(chunk(call(), responseId=name), END)["content"][0]["id"] for name in ("one", "two")
    ]
    assert ids[0] != ids[1]


@pytest.mark.parametrize(
    ("finish", "stop"),
    [
        ("MAX_TOKENS", "max_tokens"),
        ("CONTINUATION", "max_tokens"),
        ("SAFETY", "refusal"),
        ("RECITATION", "refusal"),
        ("BLOCKLIST", "refusal"),
        ("PROHIBITED_CONTENT", "refusal"),
        ("SPII", "refusal"),
        ("A_REASON_OF_TOMORROW", "end_turn"),
    ],
)
def test_the_finish_reason_becomes_the_stop_reason(finish: str, stop: str) -> None:
    assert message(chunk({"text": "Well"}), chunk(finish=finish))["stop_reason"] == stop


# -- What is no answer


@pytest.mark.parametrize("finish", BROKEN)
def test_a_model_that_broke_down_gave_no_answer(finish: str) -> None:
    broken = answer(finish=finish)
    broken["candidates"][0]["finishMessage"] = "Malformed: print(1"
    with pytest.raises(BadAnswer, match=f"{finish}: Malformed"):
        decode_response(broken, ESTIMATE)
    with pytest.raises(BadAnswer, match=finish):
        stream_decoder(ESTIMATE).feed(chunk(finish=finish))


def test_an_answer_that_says_nothing_without_a_reason_is_none() -> None:
    with pytest.raises(BadAnswer, match="says nothing"):
        decode_response(answer(finish="STOP"), ESTIMATE)
    with pytest.raises(BadAnswer, match="says nothing"):
        message(END)


@pytest.mark.parametrize("wrap", ["%s", "[%s]"], ids=["bare", "in a list"])
def test_an_error_as_the_first_event_has_its_own_status(wrap: str) -> None:
    full = '{"error":{"code":429,"message":"Slow down.","status":"RESOURCE_EXHAUSTED"}}'
    with pytest.raises(RateLimited, match="Slow down"):
        stream_decoder(ESTIMATE).feed(b"data: " + (wrap % full).encode() + b"\n\n")


def test_an_error_in_a_stream_is_raised_after_what_was_said_before_it() -> None:
    failure = b'data: {"error":{"code":503,"message":"Overloaded.","status":"UNAVAILABLE"}}\n\n'
    decoder = stream_decoder(ESTIMATE)
    assert len(decoder.feed(chunk({"text": "Hel"}) + failure)) == 3
    with pytest.raises(Overloaded, match="Overloaded"):
        decoder.finish()


@pytest.mark.parametrize("sent", [b"", chunk({"text": "Hel"})])
def test_a_stream_without_a_finish_reason_is_broken(sent: bytes) -> None:
    with pytest.raises(StreamBroken):
        decoded(stream_decoder(ESTIMATE), sent)


@pytest.mark.parametrize("body", [None, [], {}, {"candidates": []}, {"candidates": ["x"]}])
def test_what_is_no_answer_is_refused_whole(body: Any) -> None:
    with pytest.raises(BadAnswer):
        decode_response(body, ESTIMATE)


odd = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["text", "functionCall", "name", "args", "id", "parts", "content"]),
            inner,
        )
    ),
    max_leaves=6,
)


@given(
    fields=st.dictionaries(
        st.sampled_from(["candidates", "usageMetadata", "promptFeedback", "responseId", "error"]),
        odd | st.lists(odd, max_size=2),
    ),
    parts=st.lists(odd, max_size=2),
)
@settings(max_examples=150)
def test_no_chunk_however_odd_fails_otherwise_than_as_an_upstream(
    fields: Json, parts: list[Any]
) -> None:
    for body in (fields, answer(*parts, **fields)):
        try:
            got = decoded(stream_decoder(ESTIMATE), b"data: " + orjson.dumps(body) + b"\n\n", END)
        except UpstreamError:
            continue
        told(got)
