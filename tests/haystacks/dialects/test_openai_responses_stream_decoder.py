from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialect import Json
from haystacks.dialects.openai_responses.reasoning import decode_reasoning, encode_reasoning
from haystacks.dialects.openai_responses.stream_decoder import stream_decoder
from haystacks.errors import (
    BadAnswer,
    Overloaded,
    RateLimited,
    Refused,
    StreamBroken,
    UpstreamError,
)
from haystacks.http.sse import events
from tests.haystacks.dialects.event_order import told
from tests.haystacks.dialects.transcripts import ESTIMATE, decoded, upstream

CALLS = "openai_responses.reasoning_tools"


def data(kind: str, **more: object) -> bytes:
    return b"data: " + orjson.dumps({"type": kind, **more}) + b"\n\n"


def response(kind: str, **more: object) -> bytes:
    return data(f"response.{kind}", response={"id": "resp_1", "model": "m", **more})


def item(kind: str, index: int, **more: object) -> bytes:
    return data(f"response.output_item.{kind}", output_index=index, item=more)


def text(piece: str, index: int = 0) -> bytes:
    return data("response.output_text.delta", output_index=index, content_index=0, delta=piece)


def arguments(piece: str, index: int) -> bytes:
    return data("response.function_call_arguments.delta", output_index=index, delta=piece)


def call(index: int, name: str) -> bytes:
    return item("added", index, type="function_call", call_id=f"call_{name}", name=name)


CREATED = response("created", status="in_progress", error=None)
COMPLETED = response("completed", status="completed", output=[])


def message(*sent: bytes) -> Json:
    return told(decoded(stream_decoder(ESTIMATE), CREATED, *sent))


def said(*sent: bytes) -> list[Json]:
    content: list[Json] = message(*sent, COMPLETED)["content"]
    return content


# -- What was told once is not told again


def without(names: list[str]) -> Iterator[bytes]:
    """Yield the events of a whole transcript that an upstream may as well leave out."""
    for event in events(upstream(CALLS)):
        if not any(name in event.name.decode() for name in names):
            yield b"data: " + event.data + b"\n\n"


@pytest.mark.parametrize(
    "left_out",
    [
        ["delta"],
        ["delta", "text.done", "arguments.done"],
        ["arguments.done", "text.done", "part"],
        ["added", "delta", ".done"],
        ["item.added"],
        ["in_progress"],
    ],
)
def test_an_answer_is_the_same_whichever_of_its_three_tellings_is_left_out(
    left_out: list[str],
) -> None:
    whole = told(decoded(stream_decoder(ESTIMATE), upstream(CALLS)))
    partly = told(decoded(stream_decoder(ESTIMATE), *without(left_out)))
    assert partly == whole


def test_items_without_numbers_are_known_by_their_ids() -> None:
    sent = upstream(CALLS).replace(b'"output_index"', b'"elsewhere"')
    assert told(decoded(stream_decoder(ESTIMATE), sent)) == told(
        decoded(stream_decoder(ESTIMATE), upstream(CALLS))
    )


# -- The order of blocks


@settings(max_examples=60)
@given(st.data())
def test_interleaved_calls_become_whole_blocks_one_after_the_other(turns: st.DataObject) -> None:
    written = [orjson.dumps({"n": n, "text": "x" * n}).decode() for n in range(3)]
    left = {n: list(written[n]) for n in range(3)}
    sent = [call(n, f"tool{n}") for n in range(3)]
    while any(left.values()):
        n = turns.draw(st.sampled_from([n for n in left if left[n]]))
        sent.append(arguments(left[n].pop(0), n))
    blocks = said(*sent)
    assert [(block["name"], block["input"]) for block in blocks] == [
        (f"tool{n}", written[n]) for n in range(3)
    ]


def test_each_message_and_each_reasoning_is_a_block_of_its_own() -> None:
    thoughts = [
        item("done", n, type="reasoning", id=f"rs_{n}", summary=[{"text": word}])
        for n, word in enumerate(("one", "two"))
    ]
    blocks = said(*thoughts, text("a", 2), text("b", 2), text("c", 3))
    assert [block.get("thinking") or block["text"] for block in blocks] == ["one", "two", "ab", "c"]


def test_text_between_two_pieces_of_a_call_waits_for_its_end() -> None:
    blocks = said(call(0, "a"), arguments('{"x"', 0), text("hm", 1), arguments(":1}", 0))
    assert [block["type"] for block in blocks] == ["tool_use", "text"]
    assert blocks[0]["input"] == '{"x":1}'


# -- Reasoning


def test_encrypted_reasoning_returns_to_openai_as_it_came() -> None:
    (block,) = said(item("done", 0, type="reasoning", id="rs_1", summary=[], encrypted_content="S"))
    assert block["thinking"] == ""
    expected = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "S"}
    assert encode_reasoning(block) == expected
    assert decode_reasoning(expected) == block


def test_two_secrets_are_not_joined() -> None:
    secret = [
        item("done", n, type="reasoning", id=f"rs_{n}", summary=[], encrypted_content=f"S{n}")
        for n in range(2)
    ]
    kept = [encode_reasoning(block) for block in said(*secret)]
    assert [each and each["encrypted_content"] for each in kept] == ["S0", "S1"]


def test_reasoning_without_a_summary_is_told_in_its_own_words() -> None:
    delta = data("response.reasoning_text.delta", output_index=0, content_index=0, delta="hm")
    whole = item("done", 0, type="reasoning", id="rs", summary=[], content=[{"text": "hm, so"}])
    assert said(delta, whole) == [{"type": "thinking", "thinking": "hm, so", "signature": ""}]


# -- The end


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (response("completed", status="completed"), "end_turn"),
        (response("incomplete", incomplete_details={"reason": "max_output_tokens"}), "max_tokens"),
        (response("incomplete", incomplete_details={"reason": "content_filter"}), "refusal"),
        (response("incomplete", status="incomplete", incomplete_details=None), "max_tokens"),
    ],
)
def test_how_it_ended_becomes_the_stop_reason(end: bytes, reason: str) -> None:
    assert message(text("x"), end)["stop_reason"] == reason


def test_a_call_that_was_cut_says_so() -> None:
    end = response("incomplete", incomplete_details={"reason": "max_output_tokens"})
    assert message(call(0, "a"), arguments('{"x', 0), end)["stop_reason"] == "max_tokens"


@pytest.mark.parametrize(
    "refusal",
    [
        data("response.refusal.delta", output_index=0, content_index=0, delta="No."),
        data("response.refusal.done", output_index=0, content_index=0, refusal="No."),
        item("done", 0, type="message", content=[{"type": "refusal", "refusal": "No."}]),
    ],
)
def test_a_refusal_is_text_and_the_stop_reason(refusal: bytes) -> None:
    answer = message(refusal, COMPLETED)
    assert answer["content"] == [{"type": "text", "text": "No."}]
    assert answer["stop_reason"] == "refusal"


def test_without_usage_everything_said_is_counted_here() -> None:
    answer = message(text("abc"), call(1, "tool"), arguments("{}", 1), COMPLETED)
    assert answer["usage"]["output_tokens"] == len("abc" + "tool" + "{}")
    assert answer["usage"]["input_tokens"] == ESTIMATE.input()


@pytest.mark.parametrize("tail", [b"", text("y")[:20], b"data: [DONE]\n\n"])
def test_a_stream_without_the_end_of_its_response_is_broken(tail: bytes) -> None:
    decoder = stream_decoder(ESTIMATE)
    assert decoder.feed(CREATED + text("x") + tail)
    with pytest.raises((StreamBroken, BadAnswer)):
        decoder.finish()


# -- Failures


FAILURES: list[tuple[bytes, type[UpstreamError]]] = [
    (response("failed", error={"code": "rate_limit_exceeded", "message": "slow"}), RateLimited),
    (response("failed", error={"code": "server_is_overloaded", "message": "full"}), Overloaded),
    (response("failed", error={"code": "invalid_prompt", "message": "no"}), Refused),
    (response("failed", error=None), Overloaded),
    (data("error", code="rate_limit_exceeded", message="slow", param=None), RateLimited),
    (data("error", error={"type": "server_error", "message": "x"}), Overloaded),
    (b"data: <html>\n\n", BadAnswer),
    (data("response.output_text.delta", delta=7), BadAnswer),
    (data("response.output_item.done", item=None), BadAnswer),
    (item("done", 0, type="message", content=[7]), BadAnswer),
    (item("added", 0, type="function_call", name=7), BadAnswer),
]


@pytest.mark.parametrize(("failure", "leaf"), FAILURES)
def test_a_response_that_only_began_may_fail_and_be_tried_elsewhere(
    failure: bytes, leaf: type[UpstreamError]
) -> None:
    decoder = stream_decoder(ESTIMATE)
    assert decoder.feed(CREATED + response("in_progress")) == []
    with pytest.raises(leaf):
        decoder.feed(failure)


@pytest.mark.parametrize(("failure", "leaf"), FAILURES)
def test_a_later_failure_is_raised_after_what_was_said(
    failure: bytes, leaf: type[UpstreamError]
) -> None:
    decoder = stream_decoder(ESTIMATE)
    assert decoder.feed(CREATED + text("x", 5) + failure)
    with pytest.raises(leaf):
        decoder.finish()


def test_what_the_provider_did_by_itself_opens_no_message() -> None:
    decoder = stream_decoder(ESTIMATE)
    search = item("added", 0, type="web_search_call", id="ws", status="in_progress")
    seen = data("response.web_search_call.searching", output_index=0, item_id="ws")
    assert decoder.feed(CREATED + search + seen + data("keepalive") + b": hm\n\n") == []
    assert decoder.feed(text("x", 1))[0]["type"] == "message_start"


def test_an_event_that_is_wrong_in_any_single_place_fails_as_an_upstream_or_not_at_all(
    spoiled: Callable[[Json], Iterator[Json]],
) -> None:
    known: dict[Any, Json] = {}
    for name in (CALLS, "openai_responses.search_text", "openai_responses.custom_tool_cut"):
        for event in map(orjson.loads, (event.data for event in events(upstream(name)))):
            known[event["type"], (event.get("item") or {}).get("type")] = event
    for event in known.values():
        for wrong in spoiled(event):
            decoder = stream_decoder(ESTIMATE)
            try:
                decoder.feed(b"data: " + orjson.dumps(wrong) + b"\n\n" + COMPLETED)
                decoder.finish()
            except UpstreamError:
                continue
