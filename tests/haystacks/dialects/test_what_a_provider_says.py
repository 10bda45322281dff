"""Whatever a provider says in its own format, whole or cut anywhere, is heard without a loss."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.dialect import Json, TokenEstimate
from haystacks.dialects.table import UPSTREAMS
from haystacks.pool import DialectName
from tests.haystacks.dialects.event_order import told
from tests.standin import Answer, ToolCall
from tests.standin.answer import SPEECHES
from tests.standin.wire import Speech

ESTIMATE = TokenEstimate(input=lambda: 7, text=len)
SPOKEN: dict[DialectName, Speech] = {
    "anthropic": "anthropic",
    "openai_chat": "openai",
    "openai_responses": "responses",
    "gemini": "gemini",
    "ollama": "ollama",
}
# Ollama names neither its calls nor what its cache held.
NAMING = {"anthropic", "openai_chat", "openai_responses", "gemini"}

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
CALLS = st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=3).map(
    lambda inputs: tuple(
        ToolCall(f"tool_{number}", given, f"call_{number}") for number, given in enumerate(inputs)
    )
)
ANSWERS = st.builds(
    Answer,
    text=TEXTS.filter(str.strip),
    thinking=TEXTS.map(str.strip),
    calls=CALLS,
    input_tokens=st.integers(1, 10**6),
    output_tokens=st.integers(1, 10**6),
    cached_tokens=st.integers(0, 10**6),
)


def essence(content: list[Json]) -> tuple[str, str, list[tuple[str, Any]]]:
    """Return the thinking, the text and the calls of a message."""
    parts: dict[str, list[Any]] = {"thinking": [], "text": [], "tool_use": []}
    for block in content:
        if block["type"] == "tool_use":
            given = block["input"]
            parsed = orjson.loads(given or "{}") if isinstance(given, str) else given
            parts["tool_use"].append((block["name"], parsed))
        else:
            parts[block["type"]].append(block[block["type"]])
    return "".join(parts["thinking"]), "".join(parts["text"]), parts["tool_use"]


def check(dialect: DialectName, said: Answer, heard: Json) -> None:
    calls = [(call.name, call.input) for call in said.calls]
    assert essence(heard["content"]) == (said.thinking, said.text, calls)
    assert heard["stop_reason"] == said.stop_reason
    usage = heard["usage"]
    assert usage["output_tokens"] == said.output_tokens
    read = usage.get("cache_read_input_tokens") or 0
    assert usage["input_tokens"] + read == said.input_tokens + said.cached_tokens
    if dialect in NAMING:
        assert read == said.cached_tokens
        ids = [block["id"] for block in heard["content"] if block["type"] == "tool_use"]
        assert ids == [call.id for call in said.calls]


@pytest.mark.parametrize("dialect", SPOKEN)
@given(said=ANSWERS)
def test_a_whole_answer_is_heard_as_it_was_said(dialect: DialectName, said: Answer) -> None:
    body = SPEECHES[SPOKEN[dialect]].whole(said, {"model": "m"})
    check(dialect, said, UPSTREAMS[dialect].decode_response(body, ESTIMATE))


@pytest.mark.parametrize("dialect", SPOKEN)
@given(said=ANSWERS, cuts=st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_a_stream_cut_anywhere_is_heard_as_it_was_said(
    dialect: DialectName, said: Answer, cuts: list[int]
) -> None:
    asked = {"model": "m", "stream": True, "stream_options": {"include_usage": True}}
    sent = b"".join(SPEECHES[SPOKEN[dialect]].frames(said, asked))
    decoder = UPSTREAMS[dialect].stream_decoder(ESTIMATE)
    events, at, turn = [], 0, 0
    while at < len(sent):
        step = cuts[turn % len(cuts)]
        events += decoder.feed(sent[at : at + step])
        at, turn = at + step, turn + 1
    check(dialect, said, told([*events, *decoder.finish()]))
