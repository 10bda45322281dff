"""Names in the place of values."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from server.prompt_tools.template import named, templatized

WORDS = st.lists(
    st.sampled_from(["German", "hello", "a", "{{A}}", "Germany", "b.c", "(d)", "é", "$1"]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150)
@given(words=WORDS, values=st.lists(st.tuples(st.text(max_size=4), WORDS), max_size=5))
def test_the_values_put_back_give_the_text_that_there_was(
    words: list[str], values: list[tuple[str, list[str]]]
) -> None:
    text = " ".join(words)
    pairs = [(name, " ".join(each)) for name, each in values]
    found = named(pairs, [text])
    template = templatized(text, found)
    assert all(f"{{{{{name}}}}}" not in text for name in found)
    back = re.sub(r"\{\{(\w+)\}\}", lambda at: found.get(at[1], at[0]), template)
    assert back == text


def test_a_value_is_no_part_of_a_word_or_of_a_variable() -> None:
    found = named([("language", "German"), ("x", "A")], ["Germany, German: {{A}}"])
    assert found == {"LANGUAGE": "German"}
    assert templatized("Germany, German: {{A}}", found) == "Germany, {{LANGUAGE}}: {{A}}"


def test_of_two_values_at_one_place_the_longer_counts() -> None:
    found = named([("city", "York"), ("place", "New York")], ["New York, York"])
    assert templatized("New York, York", found) == "{{PLACE}}, {{CITY}}"


def test_names_are_told_apart_and_never_those_that_are_there() -> None:
    found = named([("a b!", "x"), ("A_B", "y"), ("c", "z"), ("?", "w")], ["x y z w {{C}}"])
    assert found == {"A_B": "x", "A_B_2": "y", "C_2": "z", "VALUE": "w"}


def test_a_hundred_values_are_enough_for_anybody() -> None:
    words = [f"w{number}" for number in range(150)]
    found = named([("word", word) for word in words], [" ".join(words)])
    assert list(found.values()) == words[:100]


def test_values_that_begin_alike_or_with_no_letter_are_told_apart() -> None:
    values = [("a", "$1"), ("b", "$10"), ("c", "10"), ("d", "10 km")]
    found = named(values, ["$1 $10 10 10 km 10kms"])
    assert templatized("$1 $10 10 10 km 10kms", found) == "{{A}} {{B}} {{C}} {{D}} 10kms"
