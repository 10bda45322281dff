"""Matching agrees with Terraphim's own automaton, and with a search too simple to be wrong."""

import json
import re
from typing import Literal

import terraphim_automata
from hypothesis import example, given
from hypothesis import strategies as st

from kg.concept import Concept
from rolegraph.rolegraph import Rolegraph, compile_rolegraph

Spans = list[tuple[int, int, str]]

patterns = st.sets(
    st.text("abé ", min_size=2, max_size=6).filter(lambda p: p == " ".join(p.split())), max_size=12
)
texts = st.text("abABé ", max_size=40).map(lambda text: re.sub(" +", " ", text))


def rolegraph_of(names: set[str], boundary: Literal["word", "none"]) -> Rolegraph:
    return compile_rolegraph([Concept(n, f"kg/{n}.md") for n in names], boundary=boundary)


def spans(rolegraph: Rolegraph, text: str) -> Spans:
    return [(match.start, match.end, match.pattern) for match in rolegraph.matches(text)]


def terraphim(names: set[str], text: str) -> Spans:
    data = {name: {"id": i, "nterm": name, "url": ""} for i, name in enumerate(names)}
    thesaurus = json.dumps({"name": "oracle", "data": data})
    encoded = text.encode()
    return [
        # Its positions count bytes.
        (len(encoded[: found.pos[0]].decode()), len(encoded[: found.pos[1]].decode()), found.term)
        for found in terraphim_automata.find_all_matches(text, thesaurus)
    ]


def search_each_place(names: set[str], text: str) -> Spans:
    found: Spans = []
    place = 0
    while place < len(text):
        here = [
            name
            for name in names
            if re.compile(rf"(?<!\w){re.escape(name)}(?!\w)").match(text, place)
        ]
        if here:
            longest = max(here, key=len)
            found.append((place, place + len(longest), longest))
            place += len(longest)
        else:
            place += 1
    return found


@given(patterns, texts)
@example({"ab", "aba", "bab"}, "ababab")
def test_without_boundaries_the_matches_are_terraphims(names: set[str], text: str) -> None:
    assert spans(rolegraph_of(names, "none"), text) == terraphim(names, text)


@given(patterns, texts | st.text("ab_- .é1", max_size=40).map(lambda t: re.sub(" +", " ", t)))
@example({"ab", "ab ab"}, "ab aba")
@example({"ab ab", "ab b"}, "ab ab b")
def test_with_boundaries_the_matches_are_those_of_a_search_at_each_place(
    names: set[str], text: str
) -> None:
    assert spans(rolegraph_of(names, "word"), text) == search_each_place(names, text.lower())


@given(patterns, texts)
def test_every_match_is_its_pattern_in_the_text(names: set[str], text: str) -> None:
    for start, end, pattern in spans(rolegraph_of(names, "word"), text):
        assert text[start:end].lower() == pattern
