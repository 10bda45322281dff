import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialects.table import DIALECTS
from haystacks.errors import BadAnswer, Overloaded, RateLimited, StreamBroken, UpstreamError
from haystacks.http.sse import frame
from haystacks.pool import DialectName
from haystacks.relay import Relay
from tests.haystacks.dialects.transcripts import NAMES, upstream

PING = frame(b"ping", b'{"type": "ping"}')
ERROR = frame(
    b"error", b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
)
START = frame(b"message_start", b'{"type":"message_start","message":{"usage":{"input_tokens":7}}}')
STOP = frame(b"message_stop", b'{"type":"message_stop"}')


def data(body: object) -> bytes:
    return b"data: " + orjson.dumps(body) + b"\n\n"


TEXT = data({"choices": [{"delta": {"content": "x"}, "finish_reason": None}], "usage": None})
FINISH = data({"choices": [{"delta": {}, "finish_reason": "stop"}]})
DONE = b"data: [DONE]\n\n"
CREATED = data({"type": "response.created", "response": {"status": "in_progress", "error": None}})
DELTA = data({"type": "response.output_text.delta", "delta": "x"})
FAILED = data(
    {
        "type": "response.failed",
        "response": {"error": {"code": "server_is_overloaded", "message": "Overloaded"}},
    }
)
COMPLETED = data(
    {
        "type": "response.completed",
        "response": {
            "error": None,
            "usage": {
                "input_tokens": 9,
                "input_tokens_details": {"cached_tokens": 4},
                "output_tokens": 2,
            },
        },
    }
)


def relay_for(name: str) -> Relay:
    return Relay(next(dialect for dialect in DIALECTS if dialect == name.partition(".")[0]))


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("name", [name for name in NAMES if name.partition(".")[0] in DIALECTS])
@given(cuts=st.data())
@settings(max_examples=20)
def test_every_byte_passes_once_and_only_whole_events_however_they_are_cut(
    name: str, line_end: bytes, cuts: st.DataObject
) -> None:
    whole = upstream(name).replace(b"\n", line_end)
    places = cuts.draw(st.lists(st.integers(0, len(whole)), max_size=30).map(sorted))
    relay = relay_for(name)
    out = b""
    for start, end in zip([0, *places], [*places, len(whole)], strict=True):
        out += relay.feed(whole[start:end])
        assert not out or out.replace(b"\r\n", b"\n").replace(b"\r", b"\n").endswith(b"\n\n")
    assert out + relay.finish() == whole
    assert relay.complete
    assert relay.usage == relay_of(upstream(name), name).usage


def relay_of(sent: bytes, name: str) -> Relay:
    relay = relay_for(name)
    relay.feed(sent)
    return relay


def test_a_begun_event_waits_so_that_another_may_follow_what_was_sent() -> None:
    relay = Relay("openai_chat")
    assert relay.feed(TEXT + b'data: {"choi') == TEXT
    assert relay.feed(b'ces":[]}\n') == b""
    assert relay.feed(b"\n") == b'data: {"choices":[]}\n\n'


def test_nothing_comes_out_before_the_first_meaningful_event() -> None:
    relay = Relay("anthropic")
    assert relay.feed(b": hello\n\n" + PING) == b""
    assert not relay.started
    assert relay.feed(START) == b": hello\n\n" + PING + START
    assert relay.started


@pytest.mark.parametrize("before", [b"", b": waiting\n\n", PING])
def test_an_error_as_the_first_event_is_raised_so_that_another_candidate_may_try(
    before: bytes,
) -> None:
    with pytest.raises(Overloaded, match="Overloaded"):
        Relay("anthropic").feed(before + ERROR)


def test_a_response_that_only_began_may_fail_so_that_another_candidate_may_try() -> None:
    relay = Relay("openai_responses")
    assert relay.feed(CREATED) == b""
    with pytest.raises(Overloaded, match="Overloaded"):
        relay.feed(FAILED)


def test_a_response_that_fails_later_passes_and_is_kept() -> None:
    relay = Relay("openai_responses")
    assert relay.feed(CREATED) + relay.feed(DELTA) == CREATED + DELTA
    assert relay.feed(FAILED) + relay.finish() == FAILED
    assert isinstance(relay.error, Overloaded)


def test_a_response_tells_its_usage_and_its_end_at_once() -> None:
    relay = Relay("openai_responses")
    assert relay.feed(CREATED + DELTA + COMPLETED) == CREATED + DELTA + COMPLETED
    assert relay.complete
    assert (relay.usage["input_tokens"], relay.usage["cache_read_input_tokens"]) == (5, 4)


def test_an_error_as_the_first_chunk_is_raised_with_its_status() -> None:
    with pytest.raises(RateLimited, match="slow"):
        Relay("openai_chat").feed(data({"error": {"message": "slow", "code": 429}}))


def test_a_later_error_passes_and_is_kept() -> None:
    relay = Relay("anthropic")
    assert relay.feed(START) + relay.feed(ERROR) + relay.finish() == START + ERROR
    assert isinstance(relay.error, Overloaded)


@pytest.mark.parametrize(
    ("dialect", "sent"),
    [
        ("anthropic", b""),
        ("anthropic", PING),
        ("anthropic", START),
        ("anthropic", START + b"event: message_stop"),
        ("openai_chat", b""),
        ("openai_chat", TEXT),
        ("openai_chat", DONE),
        ("openai_responses", CREATED),
        ("openai_responses", CREATED + DELTA),
        ("openai_responses", CREATED + DELTA + DONE),
        ("openai_responses", CREATED + DELTA + COMPLETED[:-20]),
    ],
)
def test_a_stream_without_its_end_is_broken(dialect: DialectName, sent: bytes) -> None:
    relay = Relay(dialect)
    relay.feed(sent)
    with pytest.raises(StreamBroken):
        relay.finish()


@pytest.mark.parametrize("end", [DONE, DONE.strip(), FINISH, FINISH + DONE])
def test_an_openai_stream_ends_with_done_or_with_a_finish_reason(end: bytes) -> None:
    relay = Relay("openai_chat")
    assert relay.feed(TEXT) + relay.feed(end) + relay.finish() == TEXT + end


def test_text_about_the_marks_of_an_end_is_no_end() -> None:
    text = 'data: [DONE] "finish_reason": "stop", "usage": {} "error" message_stop'
    relay = Relay("openai_chat")
    relay.feed(data({"choices": [{"delta": {"content": text}, "finish_reason": None}]}))
    with pytest.raises(StreamBroken):
        relay.finish()
    assert relay.usage == {}


def test_a_first_event_that_is_none_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer):
        Relay("openai_chat").feed(b"data: <html>\n\n")


def test_a_later_event_that_nobody_can_read_passes() -> None:
    odd = b'data: {"usage":{ "error" nonsense\n\n'
    relay = Relay("openai_chat")
    assert relay.feed(TEXT) + relay.feed(odd) == TEXT + odd


def test_usage_is_told_in_the_canonical_form_by_both_dialects() -> None:
    told = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_cache_hit_tokens": 4}
    openai = Relay("openai_chat")
    openai.feed(TEXT)
    openai.feed(data({"choices": [], "usage": told}))
    assert (openai.usage["input_tokens"], openai.usage["cache_read_input_tokens"]) == (5, 4)
    delta = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 3}}
    anthropic = Relay("anthropic")
    anthropic.feed(START)
    anthropic.feed(frame(b"message_delta", orjson.dumps(delta)) + STOP)
    assert anthropic.usage == {"input_tokens": 7, "output_tokens": 3}


@given(sent=st.lists(st.sampled_from([PING, ERROR, START, STOP, b"data: x\n\n", b"\r\n", b":\n"])))
def test_no_stream_however_odd_fails_otherwise_than_as_an_upstream(sent: list[bytes]) -> None:
    relay = Relay("anthropic")
    try:
        out = b"".join(map(relay.feed, sent)) + relay.finish()
    except UpstreamError:
        return
    assert out == b"".join(sent)
