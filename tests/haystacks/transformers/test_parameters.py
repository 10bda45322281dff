"""What is set in the body: limits, sampling, any other field."""

from __future__ import annotations

import pytest

from haystacks.dialect import Json
from haystacks.pool import DialectName
from tests.haystacks.transformers.made import sent

PLACES: list[tuple[DialectName, str, str]] = [
    ("anthropic", "", "max_tokens"),
    ("openai_chat", "", "max_tokens"),
    ("openai_responses", "", "max_output_tokens"),
    ("gemini", "generationConfig", "maxOutputTokens"),
    ("ollama", "options", "num_predict"),
]


@pytest.mark.parametrize(("dialect", "outer", "name"), PLACES)
@pytest.mark.parametrize(("asked", "told"), [(100, 50), (50, 50), (9, 9), (None, 50)])
def test_maxtoken_lowers_a_limit_and_sets_one_in_every_dialect(
    dialect: DialectName, outer: str, name: str, asked: int | None, told: int
) -> None:
    inner: Json = {"seed": 1} | ({} if asked is None else {name: asked})
    body = {"x": 1, outer: inner} if outer else {"x": 1, **inner}
    before = repr(body)
    after = sent("maxtoken", body, {"max_tokens": 50}, dialect=dialect)
    assert after == ({"x": 1, outer: {**inner, name: told}} if outer else {**body, name: told})
    assert repr(body) == before
    assert (after is body) == (asked == told)


def test_maxtoken_knows_the_newer_name_of_the_limit() -> None:
    body = {"max_completion_tokens": 100}
    assert sent("maxtoken", body, {"max_tokens": 50}) == {"max_completion_tokens": 50}


def test_maxcompletiontokens_renames_the_limit_for_chat_completions_alone() -> None:
    body = {"max_tokens": 7}
    assert sent("maxcompletiontokens", body) == {"max_completion_tokens": 7}
    assert sent("maxcompletiontokens", body, dialect="anthropic") is body
    both = {"max_tokens": 7, "max_completion_tokens": 5}
    assert sent("maxcompletiontokens", both) == {"max_completion_tokens": 5}


def test_sampling_overrules_the_client_and_leaves_alone_what_is_not_given() -> None:
    body = {"temperature": 1.5, "top_p": 0.5}
    assert sent("sampling", body, {"temperature": 0.2, "top_k": 5}) == {
        "temperature": 0.2,
        "top_p": 0.5,
        "top_k": 5,
    }
    assert sent("sampling", body) is body


def test_sampling_takes_a_parameter_out_where_it_is_null() -> None:
    assert sent("sampling", {"temperature": 1.5, "x": 1}, {"temperature": None}) == {"x": 1}


def test_sampling_speaks_each_dialect_and_sends_no_parameter_that_one_lacks() -> None:
    options = {"temperature": 0.2, "top_p": 0.9, "top_k": 5, "repetition_penalty": 1.1}
    assert sent("sampling", {}, options, dialect="gemini") == {
        "generationConfig": {"temperature": 0.2, "topP": 0.9, "topK": 5}
    }
    assert sent("sampling", {"options": {"seed": 1}}, options, dialect="ollama") == {
        "options": {"seed": 1, "temperature": 0.2, "top_p": 0.9, "top_k": 5, "repeat_penalty": 1.1}
    }
    assert "repetition_penalty" not in sent("sampling", {}, options, dialect="anthropic")


def test_customparams_adds_fields_merges_objects_and_overrules_nothing() -> None:
    body = {"model": "m", "provider": {"order": ["a"], "deep": {"x": 1}}}
    options = {"model": "other", "provider": {"order": ["b"], "deep": {"y": 2}}, "n": [1]}
    assert sent("customparams", body, options) == {
        "model": "m",
        "provider": {"order": ["a"], "deep": {"x": 1, "y": 2}},
        "n": [1],
    }
    assert body["provider"] == {"order": ["a"], "deep": {"x": 1}}
    assert sent("customparams", body, {"model": "other"}) is body


def test_streamoptions_asks_for_usage_where_a_stream_is_asked_for() -> None:
    body = {"stream": True, "stream_options": {"x": 1}}
    asked = sent("streamoptions", body)
    assert asked == {"stream": True, "stream_options": {"x": 1, "include_usage": True}}
    assert sent("streamoptions", asked) is asked
    assert "stream_options" not in sent("streamoptions", {"stream": False})
    assert "stream_options" not in sent("streamoptions", {"stream": True}, dialect="anthropic")
