"""Transformers as haystack files name them."""

from __future__ import annotations

import pytest

from haystacks.file import read_haystack
from haystacks.pool import Haystack
from tests.haystacks.transformers.made import message, text

SERVICE = "service: vllm\n"


def read(text: str) -> Haystack:
    haystack, problems = read_haystack(SERVICE + text, "h.yaml", {})
    assert haystack is not None, problems
    return haystack


@pytest.mark.parametrize(
    "entry",
    [
        "{maxtoken: {max_tokens: 9}}",
        "[maxtoken, {max_tokens: 9}]",
        "{MaxToken: {max_tokens: 9}}",
    ],
)
def test_options_are_given_in_either_spelling(entry: str) -> None:
    steps = read(f"transformers: [cleancache, {entry}, [tooluse], groq: ]\n").transformers
    assert [step.name for step in steps] == ["cleancache", "maxtoken", "tooluse", "groq"]


def test_a_model_may_have_its_own() -> None:
    haystack = read("transformers: [groq]\nmodels: [{id: a, transformers: [extrathinktag]}, b]\n")
    assert [step.name for step in haystack.transformers] == ["groq"]
    [step] = haystack.model("a").transformers
    assert step.message is not None
    assert step.message(message(text("<think>x</think>y")))["content"][1] == text("y")
    assert haystack.model("b").transformers == ()


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("transformers: [cleancahe]",
         'h.yaml:2:16 RG214 unknown transformer "cleancahe" (did you mean "cleancache"?)'),
        ("transformers: [{maxtokn: {}}]",
         'h.yaml:2:17 RG214 unknown transformer "maxtokn" (did you mean "maxtoken"?)'),
        ("models: [{id: a, transformers: [[grok, {}]]}]",
         'h.yaml:2:34 RG214 unknown transformer "grok" (did you mean "groq"?)'),
        ("transformers: [maxtoken]", 'h.yaml:2:16 RG215 missing "max_tokens"'),
        ("transformers: [maxtoken: {max_token: 3, max_tokens: 3}]",
         'h.yaml:2:27 RG215 unknown key "max_token" (did you mean "max_tokens"?)'),
        ("transformers: [[maxtoken, {max_tokens: 0}]]",
         'h.yaml:2:40 RG215 "max_tokens": should be greater than 0'),
        ("transformers: [{a: {}, b: {}}]",
         'h.yaml:2:16 RG201 "transformers.0": should be a name, or {name: {option: value}}'),
        ("transformers: [[1]]",
         'h.yaml:2:16 RG201 "transformers.0": should be a name, or {name: {option: value}}'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_shown_at_its_place(line: str, finding: str) -> None:
    haystack, problems = read_haystack(f"{SERVICE}{line}\n", "h.yaml", {})
    assert haystack is None
    assert [str(problem) for problem in problems] == [finding]
