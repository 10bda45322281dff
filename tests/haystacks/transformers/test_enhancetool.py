from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialects.openai_chat.arguments import RAW
from haystacks.message_events import message_events
from haystacks.transformers.enhancetool import repaired
from tests.haystacks.dialects.event_order import told
from tests.haystacks.transformers.made import answered, call, message, streamed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=4), JSON, max_size=4)
BROKEN = st.text() | st.text(alphabet="{}[]\"'\\,:/*#`-+.eE01untrfalsx \n\ud800é")


@given(value=JSON)
def test_valid_json_passes_byte_for_byte(value: Any) -> None:
    written = orjson.dumps(value).decode()
    assert repaired(written) == written


@given(text=BROKEN.filter(lambda text: "\ud800" not in text))
@settings(max_examples=400)
def test_whatever_comes_what_goes_out_is_json(text: str) -> None:
    orjson.loads(repaired(text))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", {}),
        (" \n", {}),
        ("{'a': 'it is'}", {"a": "it is"}),
        ("{a: 1, b_c: [1, 2,],}", {"a": 1, "b_c": [1, 2]}),
        ('{"a": True, "b": None, "c": undefined}', {"a": True, "b": None, "c": None}),
        ('```json\n{"a": 1,}\n```', {"a": 1}),
        ('{"a": 1 // one\n, /* two */ "b": 2 # three\n}', {"a": 1, "b": 2}),
        ('{"a": "two\nlines\tand a tab"}', {"a": "two\nlines\tand a tab"}),
        (r'{"a": "C:\dir\.x", }', {"a": r"C:\dir\.x"}),
        (r"{'a': 'it\'s \u00e9 \ud83d\ude00'}", {"a": "it's é 😀"}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('{"a": {"b": [1, 2', {"a": {"b": [1, 2]}}),
        ('{"a": 1}}', {"a": 1}),
    ],
)
def test_what_can_only_mean_one_thing_is_repaired(written: str, meant: Any) -> None:
    assert orjson.loads(repaired(written)) == meant


@pytest.mark.parametrize(
    "written",
    [
        '{"command": "rm -rf /tmp/a',  # who knows how it goes on
        '{"a": "say "hi""}',
        '{"a": 1} {"b": 2}',
        '{"a": maybe}',
        "run it",
        "[1, 2,]",
        '{"a": 007}',
        "[" * 500,
    ],
)
def test_what_would_have_to_be_guessed_is_passed_on_as_a_text(written: str) -> None:
    assert orjson.loads(repaired(written)) == {RAW: written}


@given(value=OBJECTS, indent=st.booleans())
def test_python_and_a_missing_end_are_understood(value: dict[str, Any], *, indent: bool) -> None:
    assert orjson.loads(repaired(orjson.dumps(value).decode() + "}")) == value
    option = orjson.OPT_INDENT_2 if indent else None
    cut = orjson.dumps(value, option=option).decode().rstrip("} \n")
    if value and not cut.endswith(("{", "[", ":", '"')):
        assert orjson.loads(repaired(cut)) == value


def test_a_whole_answer_is_repaired_and_one_in_order_stays_the_same() -> None:
    made = answered("enhancetool", call("t", {RAW: "{'a': 1}"}), call("t", {RAW: "no"}))
    assert [block["input"] for block in made["content"]] == [{"a": 1}, {RAW: "no"}]
    kept = answered("enhancetool", call("t", {"a": 1}))
    assert kept["content"] == [call("t", {"a": 1})]


@given(places=st.lists(st.integers(1, 15), max_size=4))
def test_a_stream_is_repaired_however_it_is_cut(places: list[int]) -> None:
    written = "{'a': [1, 2,], }"
    ends = sorted({*places, len(written)})
    pieces = [written[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    first, start, _, *rest = message_events(message(call("t", {}), stop="tool_use"))
    deltas = [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": piece},
        }
        for piece in pieces
    ]
    events = [first, start, *deltas, *rest]
    assert told(streamed("enhancetool", events))["content"][0]["input"] == '{"a":[1,2]}'


def test_arguments_in_order_pass_as_they_were_cut() -> None:
    events = list(message_events(message(call("t", {"a": "long enough for several"}))))
    assert streamed("enhancetool", events) == events
