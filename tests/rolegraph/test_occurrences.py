"""Occurrences are those that another engine finds, whatever the text and however long."""

from __future__ import annotations

import ahocorasick
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolegraph import occurrences
from rolegraph.occurrences import MOST, Occurrences

LETTERS = "ab é中😀"


def oracle(patterns: set[str], text: str) -> list[tuple[int, int, str]]:
    automaton = ahocorasick.Automaton()
    for pattern in patterns:
        automaton.add_word(pattern, pattern)
    automaton.make_automaton()
    return sorted(
        (end + 1 - len(pattern), end + 1, pattern) for end, pattern in automaton.iter(text)
    )


@given(st.sets(st.text(LETTERS, min_size=1, max_size=5), min_size=1), st.text(LETTERS, max_size=60))
@pytest.mark.parametrize("piece", [1, 3, 16_384])
def test_all_are_found_by_their_ends_in_a_text_of_any_length(
    piece: int, patterns: set[str], text: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(occurrences, "_PIECE", piece)
        found = Occurrences(patterns).of(text)
    assert sorted(found) == oracle(patterns, text)
    assert [end for _, end, _ in found] == sorted(end for _, end, _ in found)


def test_nothing_is_found_by_no_patterns() -> None:
    assert Occurrences(()).of("anything") == []
    assert not Occurrences(())


def test_patterns_are_known_by_name() -> None:
    known = Occurrences(["b", "a", "c"])
    assert [name in known for name in ("a", "b", "c", "", "aa", "z")] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("letter", ["a", "é", "😀"])
def test_a_text_of_one_letter_is_left_when_it_has_cost_enough(letter: str) -> None:
    patterns = {letter * times for times in range(1, 30)}
    found = Occurrences(patterns).of(letter * 1_000_000)
    assert len(found) == MOST
    assert {pattern for _, _, pattern in found} == patterns


def test_half_a_character_hides_nothing() -> None:
    """A command line may hold one, where its bytes are no UTF-8."""
    assert Occurrences(["a"]).of("\udcff a") == [(2, 3, "a")]
