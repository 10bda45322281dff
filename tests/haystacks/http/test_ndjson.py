from hypothesis import given
from hypothesis import strategies as st

from haystacks.http.ndjson import LineParser

lines = st.lists(st.binary(min_size=1, max_size=6).filter(lambda text: b"\n" not in text))


def parsed(*chunks: bytes) -> list[bytes]:
    parser = LineParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)] + parser.finish()
    return [event.data for event in events]


@given(lines=lines, data=st.data())
def test_lines_cut_anywhere_are_the_same_lines(lines: list[bytes], data: st.DataObject) -> None:
    text = b"\n".join(lines)
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=9).map(sorted))
    chunks = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    assert parsed(*chunks) == [each for each in lines if each.strip()]


def test_a_line_is_told_as_soon_as_it_ends() -> None:
    parser = LineParser()
    assert parser.feed(b'{"a":') == []
    assert [event.data for event in parser.feed(b"1}\r\n\n{")] == [b'{"a":1}\r']
    assert [event.data for event in parser.finish()] == [b"{"]
