from typing import Any

import httpx2
import openai
import orjson
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState

from haystacks.dialect import Json, StreamEncoder
from haystacks.dialects.openai_chat.stream_encoder import stream_encoder
from haystacks.http.sse import events
from tests.haystacks.dialects.transcripts import decoded, decoder, encoded, upstream

START: Json = {
    "type": "message_start",
    "message": {"id": "msg_7", "model": "m", "usage": {"input_tokens": 5, "output_tokens": 1}},
}
STOP: Json = {"type": "message_stop"}


def fresh(request: Json | None = None) -> StreamEncoder:
    return stream_encoder(request or {}, clock=lambda: 99.9)


def ended(reason: str, usage: Json | None = None) -> list[Json]:
    delta = {"stop_reason": reason, "stop_sequence": None}
    return [{"type": "message_delta", "delta": delta, "usage": usage or {"output_tokens": 3}}, STOP]


def block(index: int, start: Json, *deltas: Json) -> list[Json]:
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def chunks(sent: bytes) -> list[Json]:
    return [orjson.loads(event.data) for event in events(sent) if event.data != b"[DONE]"]


def deltas(*told: Json) -> list[Json]:
    sent = encoded(fresh(), [START, *told])
    return [chunk["choices"][0]["delta"] for chunk in chunks(sent)[1:]]


def completion(sent: bytes) -> Any:
    """Return what the official client makes of these bytes."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=sent)

    transport = httpx2.MockTransport(answer)
    state = ChatCompletionStreamState()
    with openai.OpenAI(
        api_key="none", max_retries=0, http_client=httpx2.Client(transport=transport)
    ) as client:
        for chunk in client.chat.completions.create(model="any", messages=[], stream=True):
            state.handle_chunk(chunk)
    return state.get_final_completion()


def test_the_official_client_reads_the_answer_that_was_told() -> None:
    name = "anthropic.thinking_tools"
    sent = encoded(
        fresh({"stream_options": {"include_usage": True}}), decoded(decoder(name), upstream(name))
    )
    got = completion(sent)
    said = got.choices[0].message
    assert (got.id, got.model, got.created) == ("chatcmpl-01XyZ", "claude-sonnet-4-5", 99)
    assert (said.content, said.reasoning_content) == ("Je regarde… ✓", "Look it up.")
    assert [(call.id, call.function.name, call.function.arguments) for call in said.tool_calls] == [
        ("toolu_01", "weather", '{"city": "Bern"}'),
        ("toolu_02", "now", "{}"),
    ]
    assert got.choices[0].finish_reason == "tool_calls"
    assert (got.usage.prompt_tokens, got.usage.completion_tokens) == (250, 77)
    assert got.usage.prompt_tokens_details.cached_tokens == 200


def test_the_official_client_raises_at_an_error_which_no_done_follows() -> None:
    encoder = fresh()
    sent = encoder.ping() + encoder.feed(START) + encoder.error(529, "overloaded_error", "Busy.")
    assert b"[DONE]" not in sent
    with pytest.raises(openai.APIError, match="Busy"):
        completion(sent)


def test_all_chunks_of_an_answer_carry_the_same_id_time_and_model() -> None:
    text = block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "x"})
    sent = encoded(fresh({"stream_options": {"include_usage": True}}), [START, *text, *ended("x")])
    heads = {(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks(sent)}
    assert heads == {("chatcmpl-7", 99, "m")}
    assert len(chunks(sent)) == 4
    assert sent.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    "request_", [{}, {"stream_options": None}, {"stream_options": {"include_usage": False}}]
)
def test_usage_is_sent_only_to_a_client_that_asked(request_: Json) -> None:
    sent = encoded(fresh(request_), [START, *ended("end_turn")])
    assert all("usage" not in chunk and chunk["choices"] for chunk in chunks(sent))


def test_usage_joins_what_the_start_and_the_end_told() -> None:
    usage = {"output_tokens": 3, "input_tokens": None, "cache_read_input_tokens": 4}
    asked = fresh({"stream_options": {"include_usage": True}})
    last = chunks(encoded(asked, [START, *ended("end_turn", usage)]))[-1]
    assert last["choices"] == []
    assert last["usage"]["prompt_tokens"] == 5 + 4
    assert last["usage"]["total_tokens"] == 5 + 4 + 3


@pytest.mark.parametrize(
    ("stop", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
    ],
)
def test_the_stop_reason_becomes_the_finish_reason(stop: str, finish: str) -> None:
    last = chunks(encoded(fresh(), [START, *ended(stop)]))[-1]
    assert last["choices"][0]["finish_reason"] == finish


def test_what_a_block_holds_at_its_start_is_not_lost() -> None:
    call = {"type": "tool_use", "id": "c", "name": "n", "input": {"a": 1}}
    told = [
        *block(0, {"type": "thinking", "thinking": "hm", "signature": ""}),
        *block(1, {"type": "text", "text": "x"}),
        *block(2, call),
    ]
    thought, said, called = deltas(*told)
    assert (thought, said) == ({"reasoning_content": "hm"}, {"content": "x"})
    assert called["tool_calls"][0]["function"] == {"name": "n", "arguments": '{"a":1}'}


def test_calls_are_numbered_among_themselves() -> None:
    call = {"type": "tool_use", "id": "c", "name": "n", "input": {}}
    piece = {"type": "input_json_delta", "partial_json": "{}"}
    told = block(1, call, piece) + block(4, call, piece)
    numbers = [delta["tool_calls"][0]["index"] for delta in deltas(*told)]
    assert numbers == [0, 0, 1, 1]


def test_what_openai_has_no_form_for_is_left_out() -> None:
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    told = [
        *block(0, search, {"type": "input_json_delta", "partial_json": '{"query":"x"}'}),
        *block(1, {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}),
        *block(2, {"type": "redacted_thinking", "data": "x"}),
        *block(
            3,
            {"type": "text", "text": ""},
            {"type": "citations_delta", "citation": {}},
            {"type": "text_delta", "text": "x"},
        ),
        {"type": "an_event_of_tomorrow"},
    ]
    assert deltas(*told) == [{"content": "x"}]
