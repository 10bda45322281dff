from collections.abc import Iterable

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialect import Json, StreamDecoder
from haystacks.errors import UpstreamError
from tests.haystacks.dialects.transcripts import (
    FOLDER,
    NAMES,
    decoded,
    decoder,
    encoded,
    encoder,
    upstream,
)


def canonical(name: str) -> list[Json]:
    events: list[Json] = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    return events


@pytest.mark.parametrize("name", NAMES)
def test_an_upstreams_bytes_are_told_as_these_canonical_events(name: str) -> None:
    assert decoded(decoder(name), upstream(name)) == canonical(name)


@pytest.mark.parametrize("name", NAMES)
def test_canonical_events_reach_the_client_as_these_bytes(name: str) -> None:
    client = (FOLDER / f"{name}.client.sse").read_bytes()
    assert encoded(encoder(name), canonical(name)) == client


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=30)
def test_a_stream_cut_anywhere_is_told_as_the_same_events(name: str, data: st.DataObject) -> None:
    whole = upstream(name)
    places = data.draw(st.lists(st.integers(0, len(whole)), max_size=40).map(sorted))
    chunks = [whole[a:b] for a, b in zip([0, *places], [*places, len(whole)], strict=True)]
    assert decoded(decoder(name), *chunks) == canonical(name)


def outcome(stream: StreamDecoder, chunks: Iterable[bytes]) -> tuple[list[Json], str]:
    """Return the events, and the name of the failure after them."""
    events: list[Json] = []
    try:
        for chunk in chunks:
            events += stream.feed(chunk)
        events += stream.finish()
    except UpstreamError as failure:
        return events, type(failure).__name__
    return events, ""


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=30)
def test_a_stream_that_breaks_off_anywhere_is_told_the_same_however_it_is_cut(
    name: str, data: st.DataObject
) -> None:
    broken = upstream(name)[: data.draw(st.integers(0, len(upstream(name)) - 20))]
    broken += data.draw(st.sampled_from([b"", b'\n\ndata: {"error":{"code":429}}\n\n']))
    places = data.draw(st.lists(st.integers(0, len(broken)), max_size=40).map(sorted))
    chunks = [broken[a:b] for a, b in zip([0, *places], [*places, len(broken)], strict=True)]
    told = outcome(decoder(name), chunks)
    assert told == outcome(decoder(name), [broken])


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_that_comes_byte_by_byte_is_told_as_the_same_events(name: str) -> None:
    whole = upstream(name)
    assert decoded(decoder(name), *(bytes([byte]) for byte in whole)) == canonical(name)
