"""A model's name is replaced, and not one other byte."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.splice import rename_answer, replace_model

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text() | st.just("model"), JSON), st.text(min_size=1))
def test_a_parser_sees_the_new_name_and_nothing_else_new(body: dict[str, Any], name: str) -> None:
    raw = orjson.dumps(body)
    replaced = replace_model(raw, body.get("model"), name)
    assert orjson.loads(replaced) == {**body, "model": name} or (
        isinstance(body.get("model"), dict | list)
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"model":"a","x":1.50}', b'{"model":"new","x":1.50}'),
        (b' {\n "x" : 1E3 ,\t"model" : "a" }', b' {\n "x" : 1E3 ,\t"model" : "new" }'),
        (b'{"x":{"model":"a"},"model":"a"}', b'{"x":{"model":"a"},"model":"new"}'),
        (b'{"x":"\\"model\\":\\"a\\"","model":"a"}', b'{"x":"\\"model\\":\\"a\\"","model":"new"}'),
        (b'{"model":"b","model":"a"}', b'{"model":"new","model":"new"}'),
        (b'{"model":"a","x":["a"],"model":"a"}', b'{"model":"new","x":["a"],"model":"new"}'),
        (b'{"mod\\u0065l":"a"}', b'{"mod\\u0065l":"new"}'),
        (b'{"model":null}', b'{"model":"new"}'),
        (b"{}", b'{"model":"new"}'),
        (b'{"x":1}', b'{"model":"new","x":1}'),
    ],
)
def test_every_other_byte_stays(before: bytes, after: bytes) -> None:
    assert replace_model(before, orjson.loads(before).get("model"), "new") == after


def test_the_name_that_is_there_already_changes_nothing() -> None:
    body = b'{ "model" : "same" }'
    assert replace_model(body, "same", "same") is body


def test_an_answer_takes_the_name_that_the_client_knows() -> None:
    whole = (
        b'{"id":"m","type":"message","model":"deep","content":[{"text":"\\"model\\":\\"deep\\""}]}'
    )
    assert rename_answer(whole, "claude", stream=False) == whole.replace(
        b'"model":"deep",', b'"model":"claude",'
    )
    start = b'{"type":"message_start","message":{"id":"m","model":"deep"}}'
    stream = b"event: message_start\ndata: " + start + b"\n\n"
    assert rename_answer(stream, "claude", stream=True) == stream.replace(b"deep", b"claude")


def test_an_answer_without_a_model_stays_as_it_is() -> None:
    assert rename_answer(b'{"content":[]}', "claude", stream=False) == b'{"content":[]}'
