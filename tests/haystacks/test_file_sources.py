"""Files named in a request are found wherever they may stand, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.errors import BadRequest
from haystacks.file_sources import FileContent, file_ids, with_contents

TEXT = FileContent("text/plain", "Ø".encode())


def named(file_id: str, kind: str = "document") -> dict[str, Any]:
    return {"type": kind, "source": {"type": "file", "file_id": file_id}}


def asking(*content: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": list(content)}], "x": [1]}


def test_a_files_content_takes_the_place_of_its_id_and_all_else_stays() -> None:
    block = {**named("a"), "title": "T", "cache_control": {"type": "ephemeral"}}
    request = asking(block, named("b"), {"type": "text", "text": "a"})
    before = repr(request)
    filled = with_contents(request, {"a": TEXT})
    source = {"type": "text", "media_type": "text/plain", "data": "Ø"}
    assert filled == asking({**block, "source": source}, named("b"), request_text("a"))
    assert repr(request) == before


def request_text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def test_each_mention_counts_in_its_order() -> None:
    inner = {"type": "tool_result", "content": [named("b", "image"), named("a")]}
    around = {"type": "document", "source": {"type": "content", "content": [named("c", "image")]}}
    upload = {"type": "container_upload", "file_id": "d"}
    assert file_ids(asking(named("a"), inner, around, upload)) == ["a", "b", "a", "c", "d"]


@pytest.mark.parametrize(
    "block",
    [
        "text",
        {"type": "text", "text": "{file_id: a}"},
        {"type": "tool_use", "input": {"source": {"type": "file", "file_id": "a"}}},
        {"type": "document", "source": {"type": "url", "file_id": "a"}},
        {"type": "document", "source": {"type": "file", "file_id": 1}},
        {"type": "search_result", "source": "file"},
        {"type": "bash_code_execution_output", "file_id": "a"},
        None,
    ],
)
def test_what_only_looks_like_a_file_stays_as_it_is(block: Any) -> None:
    request = asking(block)
    assert file_ids(request) == []
    assert with_contents(request, {"a": TEXT}) == request


@pytest.mark.parametrize(
    ("block", "mime"),
    [
        (named("a", "image"), "application/pdf"),
        (named("a", "image"), "image/tiff"),
        (named("a", "document"), "image/png"),
        (named("a", "document"), "application/zip"),
        ({"type": "container_upload", "file_id": "a"}, "text/plain"),
    ],
)
def test_a_block_that_can_not_hold_a_file_is_refused_and_names_it(
    block: dict[str, Any], mime: str
) -> None:
    with pytest.raises(BadRequest, match=r"\ba\b"):
        with_contents(asking(block), {"a": FileContent(mime, b"\xff")})


@given(st.integers(0, 400))
def test_a_request_of_any_depth_is_read(depth: int) -> None:
    block = named("a")
    for _ in range(depth):
        block = {"type": "tool_result", "content": [block]}
    assert file_ids(asking(block)) == (["a"] if depth < 4 else [])
    assert (with_contents(asking(block), {"a": TEXT}) == asking(block)) == (depth >= 4)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "source", "content", "file_id", "messages"]), inner
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["messages", "model"]), JSON))
def test_any_json_is_read_and_without_known_files_nothing_changes(request: dict[str, Any]) -> None:
    file_ids(request)
    assert with_contents(request, {}) == request
