from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from haystacks.dialect import Json
from tests.haystacks.transformers.made import sent

MARK = {"cache_control": {"type": "ephemeral"}}


def marked(mark: Json) -> Json:
    """Return a request with a mark in every place where one can stand."""
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", **mark}]}
    called = {"type": "tool_use", "name": "n", "input": {"cache_control": "kept"}, **mark}
    return {
        "system": [{"type": "text", "text": "s", **mark}],
        "messages": [
            {"role": "user", "content": "plain", **mark},
            {"role": "assistant", "content": [called]},
            {"role": "user", "content": [{**result, **mark}]},
        ],
        "tools": [{"name": "n", "input_schema": {"properties": {"cache_control": {}}}, **mark}],
        **mark,
    }


def test_every_mark_goes_and_what_is_the_clients_own_stays() -> None:
    body = marked(MARK)
    before = orjson.dumps(body)
    assert sent("cleancache", body, dialect="anthropic") == marked({})
    assert orjson.dumps(body) == before


def test_a_request_without_marks_is_the_very_same() -> None:
    body = marked({})
    assert sent("cleancache", body) is body


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["content", "messages", "cache_control", "x"]), inner)
    ),
    max_leaves=12,
)


@given(body=st.dictionaries(st.sampled_from(["messages", "system", "tools", "y"]), JSON))
def test_any_shape_is_cleaned_once_and_for_all(body: dict[str, Any]) -> None:
    clean = sent("cleancache", body)
    assert sent("cleancache", clean) is clean
