"""Requests that are right in every place, and every way to put something wrong in one of them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st

Json = dict[str, Any]
Path = tuple[str | int, ...]

PIXEL: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SCHEMA: Final = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}

ANTHROPIC: Final[Json] = {
    "model": "auto",
    "max_tokens": 100,
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": "plan mode"},
        {"role": "system", "content": "Now."},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "text", "text": "ok"},
                {"type": "tool_use", "id": "t1", "name": "read", "input": {"path": "a"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t1",
                    "is_error": False,
                    "content": [
                        {"type": "text", "text": "found"},
                        {
                            "type": "image",
                            "source": {"type": "base64", "media_type": "image/png", "data": PIXEL},
                        },
                    ],
                },
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
                {
                    "type": "document",
                    "title": "notes",
                    "source": {"type": "text", "media_type": "text/plain", "data": "words"},
                },
                {"type": "text", "text": "go on"},
            ],
        },
    ],
    "tools": [
        {"name": "read", "description": "Reads.", "input_schema": SCHEMA},
    ],
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "metadata": {"user_id": '{"session_id":"s"}'},
    "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": SCHEMA}},
    "stop_sequences": ["END"],
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 5,
    "stream": False,
}
OPENAI: Final[Json] = {
    "model": "auto",
    "max_completion_tokens": 100,
    "messages": [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "plan mode"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "hm",
            "tool_calls": [
                {
                    "id": "t1",
                    "type": "function",
                    "function": {"name": "read", "arguments": '{"path":"a"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "t1", "content": [{"type": "text", "text": "found"}]},
        {"role": "user", "content": "go on"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "read",
                "description": "Reads.",
                "parameters": SCHEMA,
                "strict": True,
            },
        }
    ],
    "tool_choice": {"type": "function", "function": {"name": "read"}},
    "parallel_tool_calls": False,
    "reasoning_effort": "high",
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}},
    "stop": ["END"],
    "temperature": 0.5,
    "top_p": 0.9,
    "n": 1,
    "user": "me",
    "stream": False,
    "stream_options": {"include_usage": True},
}
BODIES: Final = {"/v1/messages": ANTHROPIC, "/v1/chat/completions": OPENAI}

ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    "\x00\r\nx: y",
    [],
    [None],
    {},
    {"type": 5},
    {"type": "text"},
    [{"type": "text", "text": 5}],
)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the way to every value inside, the whole apart."""
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def changed(body: Json, path: Path, value: Any) -> Json:
    """Return the body with another value in one place, if it still has that place."""
    result = copy.deepcopy(body)
    inside: Any = result
    for key in path[:-1]:
        try:
            inside = inside[key]
        except (KeyError, IndexError, TypeError):
            return result
    last: Any = path[-1]
    if isinstance(inside, dict) or (isinstance(inside, list) and last in range(len(inside))):
        inside[last] = value
    return result


ANYTHING: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # What is no text can't be sent as JSON at all.
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abtype", max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def odd_bodies(body: Json) -> st.SearchStrategy[Json]:
    """Return bodies with one to four places changed to anything."""
    place = st.sampled_from(list(places(body)))
    changes = st.lists(st.tuples(place, st.sampled_from(ODD) | ANYTHING), min_size=1, max_size=4)

    def apply(chosen: list[tuple[Path, Any]]) -> Json:
        result = body
        for path, value in chosen:
            result = changed(result, path, value)
        return result

    return changes.map(apply)
