from __future__ import annotations

import json
from typing import Any

import pytest
import terraphim_automata
from hypothesis import given
from hypothesis import strategies as st

from kg.claim import same_text
from kg.concept import Concept, Synonym
from kg.thesaurus import read_thesaurus, write_thesaurus


def told(text: str) -> list[str]:
    concepts, problems = read_thesaurus(text, "kg/t.json")
    assert concepts == ()
    return [str(found).removeprefix("kg/t.json:") for found in problems]


def meaning(concepts: tuple[Concept, ...]) -> dict[str, tuple[str, list[str]]]:
    return {c.id: (c.title, sorted(s.text for s in c.synonyms)) for c in concepts}


ENTRIES: dict[str, Any] = {
    "plan mode": {"id": 1, "nterm": "Think", "display_value": "Think Hard", "url": "x"},
    "url": {"id": 2, "nterm": "machine learning"},
    "step by step": {"id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "nterm": "think"},
}


@pytest.mark.parametrize("thesaurus", [{"name": "t", "data": ENTRIES}, ENTRIES])
def test_both_forms_are_read_into_one_concept_for_each_nterm(thesaurus: dict[str, Any]) -> None:
    text = json.dumps(thesaurus, indent=1)
    concepts, problems = read_thesaurus(text, "kg/t.json")
    assert problems == ()
    assert meaning(concepts) == {
        "think": ("Think Hard", ["plan mode", "step by step"]),
        "machine learning": ("", ["url"]),
    }
    assert [concept.aliases for concept in concepts] == [(), ("machine_learning",)]
    lines = text.split("\n")
    for concept in concepts:
        for synonym in concept.synonyms:
            at = lines[synonym.line - 1][synonym.column - 1 :]
            assert at.startswith(f'"{synonym.text}": {{')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,\n}', "1:8 RG060 not JSON: trailing comma is not allowed"),
        ("", "1:1 RG060 not JSON: Input is a zero-length, empty document"),
        ('{"\\ud800": {"nterm": "a"}}', "1:3 RG060 not JSON: no low surrogate in string"),
        ("[]", "1:1 RG062 not a thesaurus, and passed over"),
        ('{"name": "rolegraph", "version": "1"}', "1:1 RG062 not a thesaurus, and passed over"),
    ],
)
def test_what_is_no_thesaurus_is_one_problem(text: str, expected: str) -> None:
    (found,) = told(text)
    assert found.startswith(expected)


def test_an_empty_thesaurus_holds_nothing() -> None:
    assert told('{"name": "t", "data": {}}') == told("{}") == []


def test_a_bad_entry_costs_only_itself() -> None:
    text = '{"a b": {"nterm": "x"},\n "c": {"id": 1},\n "a b": {"nterm": "y"}}'
    concepts, problems = read_thesaurus(text, "t.json")
    assert meaning(concepts) == {"x": ("", ["a b"])}
    assert [str(found) for found in problems] == [
        't.json:2:2 RG061 "c" has no nterm (nterm names the concept that the synonym means)',
        't.json:3:2 RG063 "a b" is there twice (the first one counts)',
    ]


def test_a_contested_synonym_is_written_for_the_concept_that_has_it() -> None:
    low = Concept("low", "kg/a.md", priority=10, synonyms=(Synonym("Plan  Mode", 1, 1),))
    high = Concept("high", "kg/b.md", priority=90, synonyms=(Synonym("plan mode", 1, 1),))
    data = write_thesaurus("t", [low, high])["data"]
    assert {synonym: entry["nterm"] for synonym, entry in data.items()} == {
        "plan mode": "high",
        "high": "high",
        "low": "low",
    }


phrases = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda text: text == text.strip() != ""
)
taxonomies = st.lists(
    st.builds(
        Concept,
        id=phrases.map(str.lower).filter(lambda text: text == text.lower().strip()),
        path=st.just("kg/a.md"),
        title=phrases,
        synonyms=st.lists(st.builds(Synonym, phrases, st.just(1), st.just(1)), max_size=4).map(
            tuple
        ),
    ),
    unique_by=lambda concept: concept.id,
    max_size=4,
)


def distinct(concepts: list[Concept]) -> bool:
    names = [same_text(concept.id.replace("-", " ").replace("_", " ")) for concept in concepts]
    phrases = [same_text(s.text) for concept in concepts for s in concept.synonyms]
    return all(names) and len({*names, *phrases}) == len(names) + len(phrases)


@given(taxonomies.filter(distinct))
def test_what_was_written_is_read_as_the_same_concepts(concepts: list[Concept]) -> None:
    text = json.dumps(write_thesaurus("t", concepts))
    again, problems = read_thesaurus(text, "t.json")
    assert problems == ()
    assert meaning(again) == meaning(tuple(concepts))


@given(taxonomies)
def test_terraphim_loads_what_was_written(concepts: list[Concept]) -> None:
    thesaurus = write_thesaurus("t", concepts)
    name, _ = terraphim_automata.load_thesaurus(json.dumps(thesaurus))
    assert name == "t"


@given(
    st.text() | st.dictionaries(st.text(), st.dictionaries(st.text(), st.text())).map(json.dumps)
)
def test_no_text_at_all_makes_reading_fail(text: str) -> None:
    assert read_thesaurus(text, "t.json") == read_thesaurus(text, "t.json")
