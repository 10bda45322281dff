"""What holds for every request between OpenAI's Responses and the canonical form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.openai_responses.declared_tools import declared_tools, flat_name
from haystacks.dialects.openai_responses.dialect import decode_request, encode_request
from haystacks.dialects.openai_responses.reasoning import decode_reasoning, seal, sign
from haystacks.dialects.table import UPSTREAMS
from haystacks.errors import BadRequest
from haystacks.pool import DialectName, Model
from tests.haystacks.dialects.canonical_requests import MODEL, conversations, requests

CAPTURES = Path(__file__).parents[2] / "captures"
CODEX = ["codex_exec_tool_turn2", "codex_gpt6_codemode_turn2", "sdk_py_openai_responses_stream"]
THINKER = Model(MODEL.id, capabilities=frozenset({"thinking"}))
Spoil = Callable[[Json], Iterator[Json]]

told = conversations(signature=sign("rs_1", "gAAAA=="), media_in_results=True)


@settings(max_examples=150, deadline=None)
@given(requests(told))
def test_what_a_response_can_express_comes_back_unchanged(canonical: Json) -> None:
    before = deepcopy(canonical)
    adaptation = Adaptation()

    body = encode_request(canonical, THINKER, adaptation)

    assert decode_request(orjson.loads(orjson.dumps(body)), Adaptation()) == before
    assert canonical == before
    assert adaptation == Adaptation()


# -- What clients really send


@pytest.mark.parametrize("upstream", sorted(UPSTREAMS))
@pytest.mark.parametrize("name", CODEX)
def test_codex_is_never_refused_whoever_answers(name: str, upstream: DialectName) -> None:
    body = orjson.loads((CAPTURES / f"{name}.json").read_bytes())["body"]
    adaptation = Adaptation()

    canonical = decode_request(body, adaptation)
    UPSTREAMS[upstream].encode_request(canonical, MODEL, adaptation)

    assert adaptation.refusals == []
    assert not any("web_search" in tool["name"] for tool in canonical.get("tools", ()))


@pytest.mark.parametrize("name", CODEX)
def test_every_tool_that_codex_declares_is_offered_and_known_again(name: str) -> None:
    body = orjson.loads((CAPTURES / f"{name}.json").read_bytes())["body"]

    offered = [tool["name"] for tool in decode_request(body, Adaptation()).get("tools", ())]

    assert sorted(offered) == sorted(declared_tools(body))
    assert all(len(each) <= 64 for each in offered)


@given(st.text(), st.text())
def test_flat_names_fit_every_provider_and_tell_tools_apart(one: str, other: str) -> None:
    flat = flat_name(one, "mcp__server")
    assert len(flat) <= 64
    assert flat.replace("_", "a").replace("-", "a").encode().isalnum()
    assert (flat == flat_name(other, "mcp__server")) == (one == other)


# -- Reasoning crosses over and comes back


@given(st.text(min_size=1), st.text())
def test_claudes_signed_thinking_comes_back_whole_whatever_a_client_shows_of_it(
    signature: str, thinking: str
) -> None:
    kept = {"type": "reasoning", "encrypted_content": seal(signature, thinking)}
    block = decode_reasoning(kept)
    assert block == {"type": "thinking", "thinking": thinking, "signature": signature}


@pytest.mark.parametrize("secret", ["gAAAA==", "rolegraph.thinking.", "rolegraph.thinking.e30="])
def test_foreign_or_broken_secrets_are_never_taken_for_claudes(secret: str) -> None:
    block = decode_reasoning({"id": "rs_1", "encrypted_content": secret})
    assert block is not None
    assert block["signature"] == f"openai_responses.rs_1.{secret}"


# -- What is malformed


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "input"),
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": 5}, "input"),
        ({"input": ["hi"]}, "input[0]"),
        ({"input": [{"content": "hi"}]}, "input[0].role"),
        ({"input": [{"role": "user", "content": 5}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": [{"text": "hi"}]}]}, "input[0].content[0].type"),
        ({"input": [{"type": "function_call", "name": "f"}]}, "input[0].call_id"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, "input[0].call_id"),
        ({"input": [{"type": "custom_tool_call", "call_id": "c"}]}, "input[0].input"),
        ({"input": "hi", "model": 5}, "model"),
        ({"input": "hi", "instructions": 5}, "instructions"),
        ({"input": "hi", "max_output_tokens": 0}, "max_output_tokens"),
        ({"input": "hi", "tools": {}}, "tools"),
        ({"input": "hi", "tools": [{"type": "function"}]}, "name"),
        ({"input": "hi", "text": {"format": {"type": "json_schema"}}}, "text.format.schema"),
    ],
)
def test_a_malformed_request_is_refused_with_its_place(body: Json, place: str) -> None:
    with pytest.raises(BadRequest) as refused:
        decode_request(body, Adaptation())
    assert place in refused.value.message


SAMPLE: Json = {
    "model": "m",
    "instructions": "S.",
    "input": [
        {"role": "user", "content": [{"type": "input_image", "image_url": "https://e.org"}]},
        {"type": "reasoning", "id": "r", "summary": [{"text": "t"}], "encrypted_content": "x"},
        {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "i"},
        {"type": "custom_tool_call_output", "call_id": "c", "output": [{"type": "input_file"}]},
        {"type": "additional_tools", "tools": [{"type": "namespace", "name": "n", "tools": []}]},
    ],
    "tools": [
        {"type": "custom", "name": "f", "format": {"type": "grammar", "definition": "d"}},
        {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "f"}]},
    ],
    "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"name": "f"}]},
    "text": {"format": {"type": "json_schema", "schema": {}}},
    "include": ["x"],
    "max_output_tokens": 50,
    "temperature": 1,
    "reasoning": {"effort": "low"},
    "prompt_cache_key": "k",
}


def test_a_wrong_value_anywhere_is_read_or_refused(spoiled: Spoil) -> None:
    for body in spoiled(SAMPLE):
        with suppress(BadRequest):
            encode_request(decode_request(body, Adaptation()), THINKER, Adaptation())
