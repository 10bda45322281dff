from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from kg.document import Document, did_you_mean, read_document, validate
from kg.problem import Problem


class Price(BaseModel):
    model_config = ConfigDict(extra="forbid")
    input: float
    output: float


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    price: Price | None = None


class Pool(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    strategy: Literal["cost_first", "balanced"] = "balanced"
    local: bool = False
    models: list[Model] = []
    scenario: tuple[str, str] | str = ""


NO_STRATEGY = """"strategy": should be 'cost_first' or 'balanced' (did you mean "balanced"?)"""
NO_NUMBER = "should be a valid number, unable to parse string as a number"


def read(text: str, path: str = "pool.yaml") -> Document:
    document = read_document(text, path, "RG200")
    assert isinstance(document, Document), document
    return document


def refused(text: str, path: str = "pool.yaml") -> str:
    found = read_document(text, path, "RG200")
    assert isinstance(found, Problem), found
    return str(found)


def faults(text: str) -> list[str]:
    model, problems = validate(read(text), Pool, wrong="RG201", unknown="RG202")
    assert (model is None) == bool(problems)
    return [str(found) for found in problems]


def test_every_fault_of_a_document_is_told_at_once_and_at_its_place() -> None:
    text = (
        "strategy: ballanced\n"
        "local: perhaps\n"
        "models:\n"
        "  - id: a\n"
        "    price: {inptu: 3, output: x}\n"
        "stratgy: balanced\n"
    )
    assert faults(text) == [
        'pool.yaml:1:1 RG201 missing "name"',
        f"pool.yaml:1:11 RG201 {NO_STRATEGY}",
        'pool.yaml:2:8 RG201 "local": should be a valid boolean, unable to interpret input',
        'pool.yaml:5:5 RG201 missing "models.0.price.input"',
        'pool.yaml:5:13 RG202 unknown key "inptu" (did you mean "input"?)',
        f'pool.yaml:5:31 RG201 "models.0.price.output": {NO_NUMBER}',
        'pool.yaml:6:1 RG202 unknown key "stratgy" (did you mean "strategy"?)',
    ]


def test_a_value_that_fits_no_branch_of_a_union_is_one_problem() -> None:
    assert len(faults("name: a\nscenario: 3\n")) == 1


def test_a_message_never_quotes_a_value_because_it_may_be_a_secret() -> None:
    assert "sk-secret" not in " ".join(faults("name: [sk-secret]\nlocal: sk-secret\n"))


def test_a_valid_document_becomes_the_model() -> None:
    model, problems = validate(
        read("name: a\nlocal: no\nmodels: [{id: b}]\n"), Pool, wrong="RG201", unknown="RG202"
    )
    assert problems == ()
    assert model == Pool(name="a", local=False, models=[Model(id="b")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: {a: 2, a: 3}\n", '2:11 RG200 duplicate key "a"'),
        ("a: [", "2:1 RG200 did not find expected node content"),
        ("a: 1\n---\nb: 2\n", "2:1 RG200 but found another document"),
        ("", '1:1 RG200 the file is empty (write "key: value" lines)'),
        ("- a", '1:1 RG200 the file must hold a mapping (write "key: value" lines)'),
        ("a: &x [*x]", "1:4 RG200 a value contains itself"),
        ("? [a]\n: 1", "1:3 RG200 a key must be text"),
        ("a: !!int b", "1:4 RG200 the tag tag:yaml.org,2002:int has no place here"),
        ("a: !!python/name:os.system", "1:4 RG200 the tag tag:yaml.org,2002:python/name:os.system"),
        ("!!int a: 1", "1:1 RG200 the tag tag:yaml.org,2002:int has no place here"),
        ("a: 1\nb: é\x00", "2:5 RG200 a character that no text may hold"),
        ("a: \ud800", "1:4 RG200 a character that no text may hold"),
        ('{"a": ' + "[" * 100_000, "1:106 RG200 nested too deeply"),
        ("a: " + "- " * 100_000, "1:4 RG200 block sequence entries are not allowed"),
        ("- " * 100_000, "1:201 RG200 nested too deeply"),
    ],
)
def test_what_is_no_plain_mapping_is_one_problem_at_its_place(text: str, expected: str) -> None:
    assert refused(text).startswith(f"pool.yaml:{expected}")


def test_a_json_file_is_judged_as_json() -> None:
    assert refused('{\n\t"a": 1,\n}', "pool.json").startswith("pool.json:2:8 RG200 not JSON")


def test_words_and_times_that_yaml_1_1_would_change_stay_text() -> None:
    data = read("no: no\nat: 12:30\non: 2024-13-45\nold: 010\n").data
    assert data["no"] == "no"
    assert data["at"] == "12:30"
    assert data["on"] == "2024-13-45"
    assert data["old"] == 10


def test_a_merged_mapping_counts_as_written_where_it_is_used() -> None:
    document = read("base: &base {x: 1}\nc:\n  <<: *base\n  y: 2\n")
    assert document.data["c"] == {"x": 1, "y": 2}


# YAML has no place for raw control characters, nor for code points that are no character.
words = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn"], include_characters="\n\t\b"), max_size=20
)


@given(
    st.dictionaries(
        words,
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | words,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
            max_leaves=8,
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([None, 1, "\t"]),
    st.sampled_from([json.dumps, partial(json.dumps, ensure_ascii=False)]),
)
def test_any_json_object_is_read_as_json_reads_it(
    value: dict[str, Any], indent: int | str | None, dumps: Callable[..., str]
) -> None:
    text = dumps(value, indent=indent)
    assert read(text, "a.json").data == value


@given(st.text())
def test_no_text_at_all_makes_reading_fail(text: str) -> None:
    assert isinstance(read_document(text, "a.yaml", "RG200"), Document | Problem)


def test_a_place_is_that_of_the_value_of_the_key_above_a_block_or_of_the_nearest_parent() -> None:
    document = read("a:\n  b: [x, y]\n  c:\n    - d: 1\n")
    assert document.locate(("a", "b", 1)) == (2, 10)
    assert document.locate(("a", "c")) == (3, 3)
    assert document.locate(("a", "c", 0, "d")) == (4, 10)
    assert document.locate(("a", "c", 0, "d"), key=True) == (4, 7)
    assert document.locate(("a", "nothing", "here")) == (1, 1)
    assert document.locate(("a", "c", 7)) == (3, 3)
    assert document.locate(()) == (1, 1)


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("fast", ["slow", "fast-local"], 'did you mean "fast-local"?'),
        ("OpenRooter", ["OpenRouter"], 'did you mean "OpenRouter"?'),
        ("fast", ["intelligent"], ""),
        ("fast", [], ""),
    ],
)
def test_only_a_near_name_is_suggested_in_its_own_spelling(
    name: str, known: list[str], expected: str
) -> None:
    assert did_you_mean(name, known) == expected
