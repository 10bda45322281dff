"""Whatever of a stream is missing or of another kind, it is told as the provider's failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any, Final

import orjson
import pytest

from haystacks.dialects.table import DIALECTS, UPSTREAMS
from haystacks.errors import UpstreamError
from haystacks.http.sse import events
from haystacks.pool import DialectName
from haystacks.stream import Translation
from tests.haystacks.dialects.test_what_a_provider_says import ESTIMATE, SPOKEN
from tests.standin import Answer, ToolCall
from tests.standin.answer import SPEECHES

SAID: Final = Answer(text="a", thinking="b", calls=(ToolCall("f", {"x": 1}, "call_1"),))
ASKED: Final = {"model": "m", "stream": True, "stream_options": {"include_usage": True}}
GONE: Final = object()


def sent(dialect: DialectName) -> list[Any]:
    """Return the objects of a good stream."""
    whole = b"".join(SPEECHES[SPOKEN[dialect]].frames(SAID, ASKED))
    if dialect == "ollama":
        return [orjson.loads(line) for line in whole.splitlines()]
    return [orjson.loads(data) for _, data in events(whole) if data != b"[DONE]"]


def places(within: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each value inside a value."""
    inner = within.items() if isinstance(within, dict) else enumerate(within)
    for key, value in inner:
        yield (key,)
        if isinstance(value, dict | list):
            yield from ((key, *rest) for rest in places(value))


def spoilt(dialect: DialectName, good: list[Any], place: tuple[Any, ...], other: object) -> bytes:
    """Return a stream in which another value, or nothing, stands in one place."""
    inner: Any = (objects := deepcopy(good))
    *way, last = place
    for key in way:
        inner = inner[key]
    if other is GONE:
        del inner[last]
    else:
        inner[last] = other
    frame = b"%b\n" if dialect == "ollama" else b"data: %b\n\n"
    return b"".join(frame % orjson.dumps(each) for each in objects)


@pytest.mark.parametrize("other", [GONE, None, 5, "x", {}, []], ids=str)
@pytest.mark.parametrize("client", DIALECTS)
@pytest.mark.parametrize("dialect", SPOKEN)
def test_an_event_that_is_not_what_it_should_be_fails_like_any_other_stream(
    dialect: DialectName, client: DialectName, other: object
) -> None:
    good = sent(dialect)
    for place in places(good):
        decoder = UPSTREAMS[dialect].stream_decoder(ESTIMATE)
        pipe = Translation(decoder, DIALECTS[client].stream_encoder(ASKED))
        with suppress(UpstreamError):
            pipe.feed(spoilt(dialect, good, place, other))
            pipe.finish()
        assert isinstance(pipe.said, str)
