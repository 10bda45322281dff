"""The requests of a body are cut out of it as any JSON reader would see them, however it comes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.errors import BadRequest
from server.batches.body import requests_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


async def pieces(raw: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(raw), size):
        yield raw[start : start + size]


async def read(raw: bytes, size: int = 1, longest: int = 10**6) -> list[Any]:
    return [each async for each in requests_of(pieces(raw, size), longest)]


@given(
    st.lists(JSON, max_size=4),
    st.dictionaries(st.text().filter(lambda name: name != "requests"), JSON, max_size=2),
    st.integers(1, 7),
    st.sampled_from([None, 2]),
)
async def test_every_entry_comes_out_however_the_body_is_cut_and_written(
    requests: list[Any], others: dict[str, Any], size: int, indent: int | None
) -> None:
    body = {**others, "requests": requests}
    # Written with escapes, or as text, of which a piece may end within a character.
    raw = json.dumps(body, ensure_ascii=indent is None, indent=indent).encode("utf-8", "replace")
    assert await read(raw, size) == json.loads(raw)["requests"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"nothing",
        b"{}",
        b'{"requests": 3}',
        b'{"requests": [1',
        b'{"requests": [1, ',
        b'{"requests": [1,]}',
        b'{"requests": [1 2]}',
        b'{"requests": [NaN]}',
        b'{"requests": [1]} {',
        b'{"requests": [1]',
        b'{"requests" [1]}',
        b'{"requests": ["\xff"]}',
        b'{"requests": ["' + "ü".encode()[:1],
        b'{"requests": [' + b"[" * 100_000,
    ],
)
async def test_what_is_no_object_with_a_list_of_requests_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        await read(raw, size=5)


async def test_one_entry_can_not_fill_the_memory() -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        yield b'{"requests": ["'
        while True:
            taken += 1
            yield b"x" * 10_000

    with pytest.raises(BadRequest, match="longer than 100000 bytes"):
        _ = [each async for each in requests_of(endless(), 100_000)]
    assert taken < 50
