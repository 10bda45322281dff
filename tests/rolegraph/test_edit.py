"""An edited rolegraph is the one that compiling anew would give."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rolegraph.rolegraph as module
from kg.concept import Concept, Link, Route, Synonym
from rolegraph.export import to_cytoscape
from rolegraph.rolegraph import Rolegraph, compile_rolegraph

WORDS = ["plan", "mode", "plan mode", "deep", "think", "deep think"]
IDS = ["plan", "think", "rust", "deep_mode"]
TEXT = " ".join(a + " " + b for a, b in product(WORDS, WORDS))
PLACES = [f"kg/{folder}{n}.md" for folder in ("", "rust/", "plan/") for n in (1, 2)]

contents = st.builds(
    Concept,
    id=st.sampled_from(IDS),
    path=st.just(""),
    aliases=st.lists(st.sampled_from(IDS), max_size=1).map(tuple),
    synonyms=st.lists(
        st.builds(Synonym, st.sampled_from(WORDS), st.just(1), st.just(1)), max_size=3
    ).map(tuple),
    routes=st.sampled_from([(), (), (Route("p", "m"),), (Route("q", "n"),)]),
    priority=st.sampled_from([10, 50]),
    links=st.lists(
        st.builds(
            Link,
            st.sampled_from([*IDS, "nowhere"]),
            st.sampled_from(["related", "broader", "wiki"]),
            st.just(1),
            st.just(1),
        ),
        max_size=2,
    ).map(tuple),
)
files = st.dictionaries(st.sampled_from(PLACES), contents, max_size=len(PLACES))


def concepts(home: dict[str, Concept]) -> set[Concept]:
    fields = ("id", "aliases", "synonyms", "routes", "priority", "links")
    return {
        Concept(path=path, **{name: getattr(content, name) for name in fields})
        for path, content in home.items()
    }


def meaning(rolegraph: Rolegraph) -> object:
    graph = rolegraph.graph
    return (
        rolegraph.size,
        rolegraph.concepts,
        rolegraph.matches(TEXT),
        rolegraph.hits(TEXT),
        to_cytoscape(graph),
        [graph.inherit(concept) for concept in graph.concepts],
    )


@pytest.mark.parametrize("small", [0, 10_000])
@given(st.lists(files, min_size=1, max_size=5))
def test_edits_lead_where_compiling_anew_leads(small: int, homes: list[dict[str, Concept]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SMALL", small)
        before = concepts(homes[0])
        rolegraph = compile_rolegraph(before)
        history = [(rolegraph, meaning(rolegraph))]
        for home in homes[1:]:
            after = concepts(home)
            rolegraph = rolegraph.replaced(before - after, after - before)
            assert meaning(rolegraph) == meaning(compile_rolegraph(after))
            history.append((rolegraph, meaning(rolegraph)))
            before = after
        assert meaning(rolegraph.merged()) == meaning(rolegraph)
        for old, meant in history:
            fresh = Rolegraph(
                type(old.graph)(old.graph._names), old.boundary, old._patterns, old._automaton
            )
            assert meaning(fresh) == meant


def test_when_the_owner_of_a_synonym_goes_the_next_claimant_has_it() -> None:
    owner = Concept("a", "kg/a.md", synonyms=(Synonym("plan", 1, 1),), priority=90)
    heir = Concept("b", "kg/b.md", synonyms=(Synonym("plan", 1, 1),))
    before = compile_rolegraph([owner, heir])
    after = before.replaced([owner], [])
    assert [match.concept for match in before.matches("plan")] == [owner]
    assert [match.concept for match in after.matches("plan")] == [heir]


def test_a_merge_keeps_what_edits_brought(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL", 2)
    rolegraph = compile_rolegraph([Concept(f"c{n}", f"kg/c{n}.md") for n in range(10)])
    for n in range(3):
        rolegraph = rolegraph.replaced([], [Concept(f"new{n}", f"kg/new{n}.md")])
        assert rolegraph.overlay_size == n + 1
    merged = rolegraph.merged()
    assert (merged.size, merged.overlay_size) == (13, 0)
    assert merged.matches("new2 and c4") == rolegraph.matches("new2 and c4") != ()
