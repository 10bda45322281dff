import anthropic
import httpx2
import orjson
import pytest

from haystacks.dialect import Json, StreamDecoder
from haystacks.dialects.anthropic.stream import stream_decoder, stream_encoder
from haystacks.errors import BadAnswer, Overloaded, RateLimited, StreamBroken, UpstreamError
from haystacks.http.sse import events, frame
from tests.haystacks.dialects.event_order import told
from tests.haystacks.dialects.transcripts import (
    ESTIMATE,
    NAMES,
    decoded,
    decoder,
    encoded,
    upstream,
)

START = frame(b"message_start", b'{"type":"message_start","message":{"id":"m","model":"x"}}')
OVERLOADED = frame(
    b"error", b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
)


def fresh() -> StreamDecoder:
    return stream_decoder(ESTIMATE)


# -- From an upstream


def test_pings_and_events_of_tomorrow_are_skipped() -> None:
    tomorrow = frame(b"news", b'{"type":"news"}')
    assert fresh().feed(frame(b"ping", b'{"type": "ping"}') + tomorrow) == []


def test_the_type_in_the_data_counts_where_the_event_line_is_missing() -> None:
    stop = b'data: {"type":"message_stop"}\n\n'
    assert fresh().feed(START + stop)[1:] == [{"type": "message_stop"}]


def test_an_event_keeps_the_fields_that_nobody_here_knows() -> None:
    event = {"type": "message_delta", "delta": {"safeguard_results": [1]}, "usage": {"new": 2}}
    assert fresh().feed(START + frame(b"message_delta", orjson.dumps(event)))[1:] == [event]


@pytest.mark.parametrize(
    ("failure", "leaf"),
    [
        (OVERLOADED, Overloaded),
        (frame(b"error", b'{"type":"error","error":{"type":"rate_limit_error"}}'), RateLimited),
        (frame(b"error", b'{"error":{"message":"x"}}'), Overloaded),
        (frame(b"error", b"it broke"), BadAnswer),
        (frame(b"odd", b'{"no":"type"}'), BadAnswer),
        (frame(b"odd", b"[]"), BadAnswer),
        (frame(b"odd", b'{"type":"content_block_stop","index":3}'), BadAnswer),
    ],
)
def test_a_failure_is_raised_after_what_was_said_before_it(
    failure: bytes, leaf: type[UpstreamError]
) -> None:
    with pytest.raises(leaf):
        fresh().feed(failure)
    late = fresh()
    assert len(late.feed(START + failure)) == 1
    with pytest.raises(leaf):
        late.finish()


@pytest.mark.parametrize("sent", [b"", START, START + b'event: message_stop\ndata: {"ty'])
def test_an_end_without_message_stop_is_a_broken_stream(sent: bytes) -> None:
    cut = fresh()
    with pytest.raises(UpstreamError):
        decoded(cut, sent)
    empty = fresh()
    with pytest.raises(StreamBroken):
        empty.finish()


# -- Towards a client


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("openai_chat")])
def test_the_official_client_reads_the_message_that_was_told(name: str) -> None:
    canonical = decoded(decoder(name), upstream(name))
    expected = told(canonical)
    got = final_message(encoded(stream_encoder({}), canonical))
    assert (got.id, got.stop_reason) == (expected["id"], expected["stop_reason"])
    assert [block.to_dict() for block in got.content] == [
        block | ({"input": orjson.loads(block["input"])} if "input" in block else {})
        for block in expected["content"]
    ]
    assert got.usage.to_dict().items() >= expected["usage"].items()


def final_message(sent: bytes) -> anthropic.types.Message:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=sent)

    transport = httpx2.MockTransport(answer)
    with (
        anthropic.Anthropic(
            api_key="none", max_retries=0, http_client=httpx2.Client(transport=transport)
        ) as client,
        client.messages.stream(
            model="any", max_tokens=9, messages=[{"role": "user", "content": "hi"}]
        ) as stream,
    ):
        return stream.get_final_message()


def test_the_official_client_raises_at_an_error_event_and_ignores_pings() -> None:
    encoder = stream_encoder({})
    start: Json = decoded(decoder(NAMES[-1]), upstream(NAMES[-1]))[0]
    sent = encoder.ping() + encoder.feed(start) + encoder.error(529, "overloaded_error", "Busy.")
    with pytest.raises(anthropic.APIStatusError, match="Busy"):
        final_message(sent)


def test_every_event_carries_its_type_as_its_name() -> None:
    encoder = stream_encoder({})
    sent = encoder.feed({"type": "message_stop"}) + encoder.ping() + encoder.error(500, "k", "m")
    assert [(event.name.decode(), orjson.loads(event.data)) for event in events(sent)] == [
        ("message_stop", {"type": "message_stop"}),
        ("ping", {"type": "ping"}),
        ("error", {"type": "error", "error": {"type": "k", "message": "m"}}),
    ]
