import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolegraph.fold import fold, fold_pattern, origins, squeeze


def test_no_character_changes_the_length() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert len(fold(every)) == len(every)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_each_character_is_folded_by_itself(text: str) -> None:
    assert fold(text) == "".join(map(fold, text))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("PLAN\tMode", "plan mode"),
        ("plan\N{NO-BREAK SPACE}mode", "plan mode"),
        ("don\N{RIGHT SINGLE QUOTATION MARK}t", "don't"),
        ("step\N{NON-BREAKING HYPHEN}by", "step-by"),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}zmir", "izmir"),
        ("Stra\N{LATIN SMALL LETTER SHARP S}e", "stra\N{LATIN SMALL LETTER SHARP S}e"),
        ("ΟΔΟΣ", "οδοσ"),
    ],
)
def test_variants_of_a_character_become_one(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text("ab \t\n\u2003", max_size=30))
def test_a_squeezed_index_leads_back_to_the_same_character(text: str) -> None:
    folded = fold(text)
    squeezed, parts = squeeze(folded)
    origin = origins(parts)
    assert "  " not in squeezed
    assert [folded[origin(index)] for index in range(len(squeezed))] == list(squeezed)


@given(st.text())
def test_a_pattern_is_what_its_text_is_squeezed_to(text: str) -> None:
    assert fold_pattern(text) == squeeze(fold(text))[0].strip()
