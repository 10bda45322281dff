"""Occurrences are those that another engine finds, whatever the text and however long."""

from __future__ import annotations

import random
import time
from typing import Any

import ahocorasick
import pytest
from ahocorasick_rs import AhoCorasick
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


def test_numbered_patterns_build_as_fast_as_any() -> None:
    """Nearly each of their letters ends a pattern, of which the engine makes a square of work."""
    chosen = random.Random(1).sample(range(10**6, 10**7), 20_000)

    def seconds(patterns: list[str]) -> float:
        began = time.process_time()
        Occurrences(patterns)
        return time.process_time() - began

    usual = min(seconds([str(number) for number in chosen]) for _ in range(3))
    assert min(seconds([f"p{number}" for number in range(20_000)]) for _ in range(3)) < 10 * usual


class Watched:
    """An engine that keeps how long the texts are that it gets, and how much it finds in each."""

    texts: list[int]
    found: list[int]

    def __init__(self, *told: Any, **more: Any) -> None:
        self._engine = AhoCorasick(*told, **more)

    def find_matches_as_indexes(self, text: str, **how: bool) -> list[tuple[int, int, int]]:
        found = self._engine.find_matches_as_indexes(text, **how)
        self.texts.append(len(text))
        self.found.append(len(found))
        return found


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> type[Watched]:
    Watched.texts, Watched.found = [], []
    monkeypatch.setattr(occurrences, "AhoCorasick", Watched)
    return Watched


def test_a_long_pattern_has_no_text_searched_more_than_twice(watched: type[Watched]) -> None:
    text = "ab " * 400_000
    long = text[:200_000]
    assert Occurrences([long]).of(text)[0] == (0, 200_000, long)
    assert sum(watched.texts) <= 2 * len(text)


def test_no_more_is_found_at_once_than_is_returned(watched: type[Watched]) -> None:
    """What a text holds beyond that is not made either: it would fill the memory."""
    Occurrences("a" * times for times in range(1, 20)).of("a" * 1_000_000)
    assert max(watched.found) <= MOST
