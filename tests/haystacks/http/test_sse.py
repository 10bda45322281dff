import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.http.sse import Event, EventParser, end_of_events, events, frame

STREAM = (
    b'\xef\xbb\xbfevent: message_start\ndata: {"a":1}\n\n'
    b": a comment\n\n"
    b"id: 7\ndata:no space\n\n\n"
    b"retry: 10\n\n"
    b"data: first\ndata:\ndata:  third\n\n"
    b"data\n\ndata: \n\ndata:\n\n"
    b"event: last\ndata: \xc3\xa9\xf0\x9f\x8c\x8d: colon\n\n"
)
EVENTS = [
    Event(b"message_start", b'{"a":1}'),
    Event(b"", b"no space"),
    Event(b"", b"first\n\n third"),
    Event(b"last", "é🌍: colon".encode()),
]


def read(chunks: list[bytes]) -> list[Event]:
    parser = EventParser()
    return [event for chunk in chunks for event in parser.feed(chunk)] + parser.finish()


def cut(text: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(text) + 1) for place in places})
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@given(places=st.lists(st.integers(min_value=0)))
def test_the_events_are_the_same_however_the_bytes_are_cut(
    line_end: bytes, places: list[int]
) -> None:
    assert read(cut(STREAM.replace(b"\n", line_end), places)) == EVENTS


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_an_event_comes_with_the_byte_that_ends_it(line_end: bytes) -> None:
    parser = EventParser()
    assert parser.feed(b"data: x" + line_end) == []
    assert parser.feed(line_end) == [Event(b"", b"x")]


def test_a_last_event_without_its_blank_line_is_read_at_the_end() -> None:
    parser = EventParser()
    assert parser.feed(b"data: [DONE]") == []
    assert parser.finish() == [Event(b"", b"[DONE]")]
    assert parser.finish() == []


def test_an_event_of_many_chunks_is_read_in_linear_time() -> None:
    parser = EventParser()
    parser.feed(b"data: ")
    for _ in range(20_000):
        parser.feed(b"x" * 1000)
    assert [len(event.data) for event in parser.feed(b"\n\n")] == [20_000_000]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_the_end_of_the_last_whole_event_is_found(line_end: bytes) -> None:
    blank = line_end * 2
    assert end_of_events(b"data: a" + blank + b"data: b" + blank + b"data: c" + line_end) == len(
        b"data: a" + blank + b"data: b" + blank
    )
    assert end_of_events(b"data: a" + line_end) == 0
    assert end_of_events(b"") == 0


@given(name=st.sampled_from([b"ping", b"message_stop"]), data=st.text(min_size=1))
def test_a_frame_is_read_back_as_the_event_it_was_made_of(name: bytes, data: str) -> None:
    line = data.encode().replace(b"\r", b" ").replace(b"\n", b" ")
    assert events(frame(name, line)) == [Event(name, line)]
