import pytest

from kg.concept import Concept
from rolegraph.rolegraph import compile_rolegraph


def found(text: str, *patterns: str, path: str = "kg/x.md") -> list[str]:
    concepts = [Concept(pattern, path, line) for line, pattern in enumerate(patterns, 1)]
    return [text[m.start : m.end] for m in compile_rolegraph(concepts).matches(text)]


def test_a_longer_pattern_that_ends_inside_a_word_leaves_the_shorter_one() -> None:
    assert found("plan modeling", "plan", "plan mode") == ["plan"]


@pytest.mark.parametrize(
    "text", ["planet", "explan", "plan_b", "_plan", "plan9", "9plan", "planée"]
)
def test_a_pattern_inside_a_word_is_no_match(text: str) -> None:
    assert found(text, "plan") == []


@pytest.mark.parametrize(
    "text", ["plan", "(plan)", "plan.", "a-plan-b", "«plan»", "🙂plan🙂", "plan\n"]
)
def test_punctuation_and_symbols_are_boundaries(text: str) -> None:
    assert found(text, "plan") == ["plan"]


def test_a_pattern_that_ends_in_punctuation_keeps_to_the_same_rule() -> None:
    assert found("c++ and c++17", "c++") == ["c++"]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("请使用计划模式吧", "计划模式"),
        ("用plan模式", "plan"),
        ("模式A", "模式"),
        ("คิดทีละขั้น", "คิด"),
    ],
)
def test_a_script_without_spaces_has_a_boundary_everywhere(text: str, pattern: str) -> None:
    assert found(text, pattern) == [pattern]


def test_a_word_between_characters_of_its_own_script_is_no_match_in_a_spaced_one() -> None:
    assert found("подумай", "дума") == []
