"""What holds for every request to Gemini; what each becomes is in the golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.anthropic import dialect as anthropic
from haystacks.dialects.anthropic.thinking_history import is_foreign
from haystacks.dialects.gemini.dialect import decode_response, encode_request, headers, path
from haystacks.errors import BadRequest
from haystacks.pool import Model
from tests.haystacks.dialects.transcripts import ESTIMATE

Spoil = Callable[[Json], Iterator[Json]]

MODEL = Model("gemini-3.8-flash")
SAMPLE: Json = {
    "model": "m",
    "max_tokens": 100,
    "thinking": {"type": "enabled", "budget_tokens": 50},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {}}},
    "tools": [{"name": "t", "input_schema": {"type": "object", "properties": {"a": {}}}}],
    "tool_choice": {"type": "tool", "name": "t"},
    "stop_sequences": ["x"],
    "messages": [
        {"role": "user", "content": "hi"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "", "signature": "gemini.functionCall.U0lH"},
                {"type": "tool_use", "id": "c", "name": "t", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "c", "content": "x"},
                {"type": "image", "source": {"type": "url", "url": "https://x.example/a.png"}},
            ],
        },
    ],
}


@pytest.mark.parametrize(
    ("model", "stream", "wanted"),
    [
        ("gemini-3.8-flash", False, "/models/gemini-3.8-flash:generateContent"),
        ("models/g", True, "/models/g:streamGenerateContent?alt=sse"),
        ("a/b c?d", False, "/models/a%2Fb%20c%3Fd:generateContent"),
    ],
)
def test_the_path_names_the_model_and_says_whether_to_stream(
    model: str, wanted: str, *, stream: bool
) -> None:
    assert path(model, stream=stream) == wanted


def test_the_key_goes_into_googles_own_header() -> None:
    assert headers("secret") == {"x-goog-api-key": "secret"}
    assert headers("") == {}


def test_a_wrong_value_anywhere_is_read_or_refused(spoiled: Spoil) -> None:
    for body in spoiled(SAMPLE):
        with suppress(BadRequest):
            encode_request(anthropic.decode_request(body, Adaptation()), MODEL, Adaptation())


# -- Round trip: what Gemini said is sent back to it as it was

arguments = st.dictionaries(st.text(max_size=4), st.text(max_size=4))


@st.composite
def answers(draw: st.DrawFn) -> list[Json]:
    """Draw the parts of an answer as Gemini 3 signs them: the first call, or else the text."""
    texts = draw(st.lists(st.text("abc é", min_size=1).filter(str.strip), max_size=1))
    calls = draw(st.lists(arguments, min_size=0 if texts else 1, max_size=3))
    parts: list[Json] = [{"text": text} for text in texts]
    for index, args in enumerate(calls):
        parts.append({"functionCall": {"id": f"call_{index}", "name": "look", "args": args}})
    parts[len(texts) if calls else 0]["thoughtSignature"] = "c2ln"
    return parts


@given(parts=answers())
@settings(max_examples=100)
def test_an_answer_comes_back_to_gemini_part_by_part_with_its_signatures(
    parts: list[Json],
) -> None:
    body = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    message = decode_response(body, ESTIMATE)
    history: list[Any] = [{"role": "user", "content": "go"}, message]
    for block in message["content"]:
        if block["type"] == "tool_use":
            result = {"type": "tool_result", "tool_use_id": block["id"], "content": "ok"}
            history.append({"role": "user", "content": [result]})
    history.append({"role": "user", "content": "and?"})
    sent = encode_request({"messages": history}, MODEL, Adaptation())["contents"]
    assert sent[1] == {"role": "model", "parts": parts}
    answered = [part["functionResponse"]["id"] for part in sent[2]["parts"][:-1]]
    assert answered == [part["functionCall"]["id"] for part in parts if "functionCall" in part]


@given(parts=answers())
@settings(max_examples=30)
def test_claude_never_gets_a_signature_of_geminis(parts: list[Json]) -> None:
    body = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    content = decode_response(body, ESTIMATE)["content"]
    thoughts = [block for block in content if block["type"] == "thinking"]
    assert thoughts
    assert all(map(is_foreign, thoughts))
    history = [{"role": "user", "content": "go"}, {"role": "assistant", "content": content}]
    sent = anthropic.encode_request({"messages": history}, Model("claude-x"), Adaptation())
    assert b"signature" not in orjson.dumps(sent)
