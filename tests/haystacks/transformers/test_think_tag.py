"""Thoughts between tags, in whole answers and in streams cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haystacks.dialect import Json
from haystacks.message_events import message_events
from tests.haystacks.dialects.event_order import told
from tests.haystacks.transformers.made import answered, call, message, streamed, text, thinking


@pytest.mark.parametrize(
    ("written", "content"),
    [
        ("<think>hm</think>yes", [thinking("hm"), text("yes")]),
        ("\n <think>\nhm\n</think>\n\nyes ", [thinking("hm\n"), text("yes ")]),
        ("<think></think>yes", [text("yes")]),
        ("<think>\n\n</think>\n\nyes", [text("yes")]),
        ("<think>only thoughts", [thinking("only thoughts")]),
        ("<think>a</think>b</think>c", [thinking("a"), text("b</think>c")]),
        ("<think>a<think>b</think>c", [thinking("a<think>b"), text("c")]),
    ],
)
def test_thoughts_at_the_beginning_are_thinking(written: str, content: list[Json]) -> None:
    assert answered("extrathinktag", text(written))["content"] == content


@pytest.mark.parametrize("written", ["write <think> first", "<thinking>x", "<thin", "", "<"])
def test_a_text_that_only_speaks_of_tags_stays_the_very_same(written: str) -> None:
    made = answered("extrathinktag", text(written), call("t", {}))
    assert made["content"] == [text(written), call("t", {})]


def test_forcereasoning_reads_the_tag_that_it_asks_for() -> None:
    written = "<reasoning_content>hm</reasoning_content>yes"
    assert answered("forcereasoning", text(written))["content"] == [thinking("hm"), text("yes")]


WORDS = st.lists(
    st.sampled_from(["<think>", "</think>", "<thi", "</", " ", "\n", "a", "<", "é", "think>"]),
    max_size=8,
).map("".join)


def cut(written: str, places: list[int]) -> list[str]:
    ends = sorted(min(place, len(written)) for place in places)
    pieces = [written[a:b] for a, b in zip([0, *ends], [*ends, len(written)], strict=True)]
    return [piece for piece in pieces if piece]


def events_of(blocks: list[Json], places: list[int]) -> list[Json]:
    """Tell a message as a stream whose texts are cut at these places."""
    events: list[Json] = []
    for event in message_events(message(*blocks)):
        delta = event.get("delta", {})
        if delta.get("type") == "text_delta":
            continue
        if event["type"] == "content_block_stop" and blocks[event["index"]]["type"] == "text":
            events += [
                {
                    "type": "content_block_delta",
                    "index": event["index"],
                    "delta": {"type": "text_delta", "text": piece},
                }
                for piece in cut(blocks[event["index"]]["text"], places)
            ]
        events.append(event)
    return events


@given(
    texts=st.lists(WORDS, min_size=1, max_size=3), places=st.lists(st.integers(0, 30), max_size=6)
)
@example(texts=["<think>a</think>b"], places=[3, 9, 14])
@settings(max_examples=300)
def test_a_stream_cut_anywhere_tells_what_the_whole_answer_says(
    texts: list[str], places: list[int]
) -> None:
    blocks = [block for words in texts for block in (text(words), call("t", {"a": 1}))]
    whole = answered("extrathinktag", *blocks)["content"]
    stream = told(streamed("extrathinktag", events_of(blocks, places)))["content"]
    assert [_plain(block) for block in stream] == [_plain(block) for block in whole]


def _plain(block: Json) -> tuple[str, str]:
    return (block["type"], block.get("text") or block.get("thinking") or "")


def test_thoughts_are_told_as_they_come() -> None:
    events = events_of([text("<think>one two")], [8, 11])
    early = streamed("extrathinktag", events[:4])
    assert [event.get("delta", {}).get("thinking") for event in early[-2:]] == ["o", "ne "]
