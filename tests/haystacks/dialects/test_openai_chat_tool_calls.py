import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.errors import BadAnswer
from tests.haystacks.dialects.openai_chunks import DONE, call, chunk, fresh, message


def calls(*chunks: bytes) -> list[tuple[str, str]]:
    return [(each["name"], each["input"]) for each in message(*chunks, DONE)["content"]]


# -- Every order

Step = tuple[str, str, int]


@st.composite
def scripts(draw: st.DrawFn) -> list[Step]:
    """Steps (kind, piece, call); each call's pieces in order, everything else in any order."""
    piece = st.text(min_size=1, max_size=8)
    kinds = st.sampled_from(["content", "reasoning_content"])
    said: list[Step] = draw(st.lists(st.tuples(kinds, piece, st.just(0)), max_size=8))
    lanes: list[list[Step]] = [said]
    for number in range(draw(st.integers(0, 3))):
        arguments = orjson.dumps(draw(st.dictionaries(piece, piece | st.none()))).decode()
        places = draw(st.lists(st.integers(0, len(arguments)), max_size=4).map(sorted))
        cuts = zip([0, *places], [*places, len(arguments)], strict=True)
        lanes.append([("call", arguments[a:b], number) for a, b in cuts])
    shuffle = random.Random(draw(st.integers()))
    script: list[Step] = []
    while left := [lane for lane in lanes if lane]:
        script.append(shuffle.choice(left).pop(0))
    return script


def spoken(script: list[Step]) -> list[bytes]:
    chunks: list[bytes] = []
    begun: set[int] = set()
    for kind, piece, number in script:
        if kind != "call":
            chunks.append(chunk({kind: piece}))
        elif number in begun:
            chunks.append(chunk(call(piece, index=number)))
        else:
            begun.add(number)
            chunks.append(chunk(call(piece, index=number, id=f"c{number}", name=f"tool{number}")))
    return [*chunks, chunk({}, "stop"), DONE]


def said(script: list[Step], kind: str, number: int = 0) -> str:
    return "".join(step[1] for step in script if step[0] == kind and step[2] == number)


@given(script=scripts())
@settings(max_examples=150)
def test_any_order_of_text_reasoning_and_interleaved_calls_becomes_whole_blocks(
    script: list[Step],
) -> None:
    answer = message(*spoken(script))
    blocks = answer["content"]
    written = {block["id"]: block["input"] for block in blocks if block["type"] == "tool_use"}
    numbers = {step[2] for step in script if step[0] == "call"}
    assert written == {f"c{number}": said(script, "call", number) for number in numbers}
    texts = [block["text"] for block in blocks if block["type"] == "text"]
    thoughts = [block["thinking"] for block in blocks if block["type"] == "thinking"]
    assert "".join(texts) == said(script, "content")
    assert "".join(thoughts) == said(script, "reasoning_content")
    assert answer["stop_reason"] == ("tool_use" if numbers else "end_turn")


def test_a_call_is_told_before_the_next_begins_and_not_only_at_the_end() -> None:
    decoder = fresh()
    decoder.feed(chunk(call('{"a":', index=0, id="x", name="one")))
    decoder.feed(chunk(call("1}", index=0)))
    events = decoder.feed(chunk(call('{"b":', index=1, id="y", name="two")))
    assert [event["type"] for event in events] == [
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
    ]


# -- Calls as providers really send them


def test_calls_without_a_number_are_told_apart_by_their_ids() -> None:
    assert calls(
        chunk(call('{"a"', id="x", name="one")),
        chunk(call('{"b"', id="y", name="two")),
        chunk(call(":1}", id="x")),
        chunk(call(":2}", id="y")),
    ) == [("one", '{"a":1}'), ("two", '{"b":2}')]


def test_a_name_repeated_with_every_fragment_begins_no_new_call() -> None:
    assert calls(
        chunk(call('{"a"', index=0, id="x", name="one")),
        chunk(call(":1", index=0, id="", name="one")),
        chunk(call("}", index=0, id="x2", name="one")),
    ) == [("one", '{"a":1}')]


def test_a_name_repeated_without_number_and_id_begins_a_call_only_behind_a_whole_one() -> None:
    assert calls(
        chunk(call('{"a"', id="", name="one")),
        chunk(call(":1}", id="", name="one")),
        chunk(call('{"a":2}', id="", name="one")),
    ) == [("one", '{"a":1}'), ("one", '{"a":2}')]


def test_whole_calls_that_all_have_the_number_0_stay_apart() -> None:
    assert calls(
        chunk(call('{"a":1}', index=0, id="x", name="one")),
        chunk(call("{}", index=0, id="y", name="one")),
    ) == [("one", '{"a":1}'), ("one", "{}")]


def test_arguments_that_come_before_the_name_wait_for_it() -> None:
    assert calls(chunk(call('{"a":', id="x")), chunk(call("1}", id="x", name="one"))) == [
        ("one", '{"a":1}')
    ]


def test_arguments_sent_as_an_object_become_their_json() -> None:
    assert calls(chunk(call({"a": [1]}, index=0, id="x", name="one"))) == [("one", '{"a":[1]}')]


def test_a_whole_call_repeated_at_the_end_is_told_once() -> None:
    whole = call('{"a":1}', index=0, id="x", name="one")
    answer = message(chunk(whole), chunk({"content": "Done."}), chunk(whole, "tool_calls"), DONE)
    assert [block.get("input") for block in answer["content"]] == ['{"a":1}', None]
    assert answer["usage"]["output_tokens"] == len("one" + '{"a":1}' + "Done.")


def test_calls_without_ids_get_different_ones_that_stay_the_same() -> None:
    chunks = [chunk(call("{}", index=n, name="one")) for n in range(2)]
    ids = [block["id"] for block in message(*chunks, DONE)["content"]]
    assert len(set(ids)) == 2
    assert ids == [block["id"] for block in message(*chunks, DONE)["content"]]


def test_a_call_that_is_never_named_is_a_bad_answer() -> None:
    decoder = fresh()
    decoder.feed(chunk(call("{}", index=0, id="x")))
    with pytest.raises(BadAnswer, match="without naming"):
        decoder.feed(DONE)
