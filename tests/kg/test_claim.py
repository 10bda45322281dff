from __future__ import annotations

from kg.claim import claim_order, claims, same_text
from kg.concept import Concept, Synonym


def test_the_higher_priority_claims_first_then_the_first_path_then_the_first_line() -> None:
    first = Concept("a", "kg/z.md", priority=90)
    second = Concept("b", "kg/a.md")
    third = Concept("c", "kg/b.md", line=3)
    last = Concept("d", "kg/b.md", line=7)
    assert sorted([last, second, first, third], key=claim_order) == [first, second, third, last]


def test_a_concept_claims_its_synonyms_and_its_name_in_plain_words() -> None:
    concept = Concept("long_context-window", "kg/a.md", synonyms=(Synonym("big", 2, 3),))
    assert [claim.text for claim in claims(concept)] == ["big", "long context window"]
    assert list(claims(Concept("_", "kg/_.md"))) == []


def test_case_and_spacing_make_no_other_phrase() -> None:
    assert same_text(" Plan \t MODE") == same_text("plan mode")
    assert same_text("Straße") == same_text("STRASSE")
    assert same_text("plan-mode") != same_text("plan mode")
