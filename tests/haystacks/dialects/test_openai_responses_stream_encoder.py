from typing import Any

import httpx2
import openai
import orjson
import pytest
from openai.types.responses import (
    Response,
    ResponseCustomToolCall,
    ResponseFunctionToolCall,
    ResponseReasoningItem,
)

from haystacks.dialect import Json, StreamEncoder
from haystacks.dialects.openai_responses.reasoning import decode_reasoning
from haystacks.dialects.openai_responses.response import encode_response
from haystacks.dialects.openai_responses.stream_encoder import stream_encoder
from haystacks.http.sse import events
from haystacks.message_events import message_events
from tests.haystacks.dialects.transcripts import FOLDER, decoded, decoder, encoded, upstream

REQUEST: Json = {
    "model": "auto",
    "input": "hi",
    "tools": [
        {"type": "custom", "name": "apply_patch"},
        {
            "type": "namespace",
            "name": "clock",
            "tools": [{"type": "function", "name": "now", "parameters": None, "strict": None}],
        },
    ],
}
CLIENTS = sorted(path.name.split(".responses.")[0] for path in FOLDER.glob("*.responses.*"))
MESSAGE: Json = {
    "id": "msg_7",
    "model": "m",
    "content": [
        {"type": "thinking", "thinking": "Look it up.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "c2VjcmV0"},
        {"type": "text", "text": "One moment: "},
        {"type": "tool_use", "id": "a", "name": "clock__now", "input": {"zone": "CET"}},
        {"type": "tool_use", "id": "b", "name": "apply_patch", "input": {"input": "+ é\n"}},
        {"type": "tool_use", "id": "c", "name": "undeclared", "input": {}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 5, "cache_read_input_tokens": 4, "output_tokens": 3},
}


def fresh() -> StreamEncoder:
    return stream_encoder(REQUEST, clock=lambda: 1763712345.6)


def sent_for(**changes: object) -> bytes:
    message = {**MESSAGE, **changes}
    redacted = [block for block in message["content"] if block["type"] == "redacted_thinking"]
    rest = [block for block in message["content"] if block["type"] != "redacted_thinking"]
    told = list(message_events({**message, "content": rest}))
    for block in redacted:  # has no deltas, and so no place in a simulated answer
        told[-2:-2] = [
            {"type": "content_block_start", "index": len(rest), "content_block": block},
            {"type": "content_block_stop", "index": len(rest)},
        ]
    return encoded(fresh(), told)


def told(sent: bytes) -> list[Json]:
    return [orjson.loads(event.data) for event in events(sent)]


def final(sent: bytes) -> Json:
    response: Json = told(sent)[-1]["response"]
    return response


def accumulated(sent: bytes) -> Any:
    """Return what the official client's own stream makes of these bytes."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=sent)

    with (
        openai.OpenAI(
            api_key="none",
            max_retries=0,
            http_client=httpx2.Client(transport=httpx2.MockTransport(answer)),
        ) as client,
        client.responses.stream(model="any", input="hi") as stream,
    ):
        return stream.get_final_response()


@pytest.mark.parametrize("name", CLIENTS)
def test_canonical_events_reach_the_client_as_these_bytes(name: str) -> None:
    golden = (FOLDER / f"{name}.responses.client.sse").read_bytes()
    assert encoded(fresh(), decoded(decoder(name), upstream(name))) == golden


def test_a_stream_ends_with_the_same_response_as_a_whole_answer() -> None:
    content = [block for block in MESSAGE["content"] if block["type"] != "redacted_thinking"]
    whole = encode_response({**MESSAGE, "content": content}, REQUEST, clock=lambda: 1763712345.6)
    assert final(sent_for(content=content)) == whole


def test_the_official_client_reads_the_answer_that_was_told() -> None:
    got = accumulated(sent_for())
    assert isinstance(got, Response)
    assert (got.id, got.model, got.status) == ("resp_7", "m", "completed")
    assert got.output_text == "One moment: "
    reasoning, message, call, custom, undeclared, redacted = got.output
    assert isinstance(reasoning, ResponseReasoningItem)
    assert reasoning.summary[0].text == "Look it up."
    assert message.type == "message"
    assert isinstance(call, ResponseFunctionToolCall)
    assert (call.name, call.namespace, call.arguments) == ("now", "clock", '{"zone":"CET"}')
    assert isinstance(custom, ResponseCustomToolCall)
    assert (custom.name, custom.call_id, custom.input) == ("apply_patch", "b", "+ é\n")
    assert isinstance(undeclared, ResponseFunctionToolCall)
    assert (undeclared.name, undeclared.arguments) == ("undeclared", "{}")
    assert isinstance(redacted, ResponseReasoningItem)
    assert got.usage is not None
    assert (got.usage.input_tokens, got.usage.output_tokens) == (9, 3)
    assert got.usage.input_tokens_details.cached_tokens == 4


def test_every_item_that_is_done_is_in_the_final_output_and_events_are_numbered() -> None:
    sent = told(sent_for())
    done = [event["item"] for event in sent if event["type"] == "response.output_item.done"]
    assert done == sent[-1]["response"]["output"]
    assert [event["sequence_number"] for event in sent] == list(range(len(sent)))
    places = [event["output_index"] for event in sent if "output_index" in event]
    assert places == sorted(places)


def test_the_deltas_of_each_item_add_up_to_it() -> None:
    pieces: dict[str, str] = {}
    for event in told(sent_for()):
        if event["type"].endswith(".delta"):
            pieces[event["item_id"]] = pieces.get(event["item_id"], "") + event["delta"]
    for item in final(sent_for())["output"]:
        parts = item.get("content") or item.get("summary") or [{}]
        whole = item.get("arguments") or item.get("input") or parts[0].get("text", "")
        assert pieces.get(item["id"], "") == whole


def test_claudes_thinking_is_opened_again_with_its_signature() -> None:
    reasoning = [item for item in final(sent_for())["output"] if item["type"] == "reasoning"]
    thought, redacted = (block for block in MESSAGE["content"] if "thinking" in block["type"])
    assert [decode_reasoning(item) for item in reasoning] == [thought, redacted]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"input":"as asked"}', "as asked"),
        ('{"patch":"under another name"}', "under another name"),
        ("*** Begin Patch", "*** Begin Patch"),
        ('{"a":1,"b":2}', '{"a":1,"b":2}'),
        ("", ""),
    ],
)
def test_a_custom_tool_gets_text_however_the_model_wrote_it(arguments: str, text: str) -> None:
    block = {"type": "tool_use", "id": "b", "name": "apply_patch", "input": {}}
    delta = {"type": "input_json_delta", "partial_json": arguments}
    start, *_, end, stop = message_events({**MESSAGE, "content": []})
    sent = [
        start,
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        end,
        stop,
    ]
    (item,) = final(encoded(fresh(), sent))["output"]
    assert item["input"] == text


def test_text_that_claude_splits_for_its_citations_is_one_message() -> None:
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    words = [{"type": "text", "text": "It is "}, {"type": "text", "text": "sunny."}]
    start, *blocks, end, stop = message_events({**MESSAGE, "content": words})
    found = [
        {"type": "content_block_start", "index": 1, "content_block": search},
        {"type": "content_block_stop", "index": 1},
    ]
    sent = encoded(fresh(), [start, *blocks[:4], *found, *blocks[4:], end, stop])
    (item,) = final(sent)["output"]
    assert item["content"][0]["text"] == "It is sunny."


def test_thinking_without_words_or_signature_is_no_item() -> None:
    empty = {"type": "thinking", "thinking": "", "signature": ""}
    answer = {"type": "text", "text": "x"}
    (item,) = final(sent_for(content=[empty, answer]))["output"]
    assert item["type"] == "message"


@pytest.mark.parametrize(
    ("stop", "status", "reason"),
    [
        ("end_turn", "completed", None),
        ("tool_use", "completed", None),
        ("stop_sequence", "completed", None),
        ("pause_turn", "completed", None),
        ("max_tokens", "incomplete", "max_output_tokens"),
        ("model_context_window_exceeded", "incomplete", "max_output_tokens"),
        ("refusal", "incomplete", "content_filter"),
    ],
)
def test_the_stop_reason_becomes_the_status(stop: str, status: str, reason: str | None) -> None:
    last = told(sent_for(stop_reason=stop))[-1]
    assert last["type"] == f"response.{status}"
    assert last["response"]["status"] == status
    assert (last["response"]["incomplete_details"] or {}).get("reason") == reason


@pytest.mark.parametrize(
    ("kind", "message", "code"),
    [
        ("rate_limit_error", "slow down", "rate_limit_exceeded"),
        ("overloaded_error", "full", "server_error"),
        ("api_error", "broke", "server_error"),
        ("invalid_request_error", "no", "invalid_prompt"),
        ("invalid_request_error", "prompt is too long: 9 > 8", "context_length_exceeded"),
    ],
)
def test_a_stream_that_breaks_ends_in_a_failed_response_with_a_code_that_codex_knows(
    kind: str, message: str, code: str
) -> None:
    encoder = fresh()
    begun = list(message_events(MESSAGE | {"content": [{"type": "text", "text": "a b"}]}))[:3]
    sent = told(encoded(encoder, begun) + encoder.ping() + encoder.error(502, kind, message))
    failed = sent[-1]
    assert failed["type"] == "response.failed"
    assert failed["response"]["id"] == sent[0]["response"]["id"]
    assert failed["response"]["error"] == {"code": code, "message": message}


def test_a_failure_before_the_response_began_is_a_bare_error() -> None:
    (event,) = told(fresh().error(502, "api_error", "broke"))
    assert (event["type"], event["message"]) == ("error", "broke")
    assert event["error"] == {"code": "server_error", "message": "broke"}


def test_a_ping_is_an_event_since_codex_does_not_count_comments() -> None:
    start, *rest = message_events(MESSAGE | {"content": []})
    encoder = fresh()
    sent = encoder.feed(start) + encoder.ping() + encoded(encoder, rest)
    assert b"event: ping\n" in sent
    assert accumulated(sent).status == "completed"
