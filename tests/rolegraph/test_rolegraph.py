from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kg.concept import Concept, Link, Route, Synonym
from rolegraph.occurrences import MOST
from rolegraph.rolegraph import compile_rolegraph

ROUTE = (Route("deepseek", "deepseek-chat"),)


def concept(name: str, *synonyms: str, **rest: Any) -> Concept:
    spelled = tuple(Synonym(text, 1, 1) for text in synonyms)
    return Concept(name, f"kg/{name}.md", synonyms=spelled, **rest)


def found(text: str, *concepts: Concept) -> list[str]:
    return [match.concept.id for match in compile_rolegraph(concepts).matches(text)]


def test_a_rolegraph_of_nothing_finds_nothing() -> None:
    rolegraph = compile_rolegraph([])
    assert (rolegraph.size, rolegraph.hits("anything"), rolegraph.concepts) == (0, (), ())


def test_a_concept_is_found_by_its_id_as_words() -> None:
    assert found("a long context, please", concept("long_context")) == ["long_context"]
    assert found("Step by step.", concept("step-by-step")) == ["step-by-step"]


def test_a_synonym_without_a_character_is_no_pattern() -> None:
    assert compile_rolegraph([concept("think", "", "  ")]).size == 1


def test_a_pattern_matches_across_line_breaks_and_runs_of_spaces() -> None:
    text = "İ 🙂  use \n\t PLAN \n mode  now, plan\nmode"
    matches = compile_rolegraph([concept("think", "plan  mode")]).matches(text)
    assert [text[m.start : m.end] for m in matches] == ["PLAN \n mode", "plan\nmode"]
    assert [m.pattern for m in matches] == ["plan mode", "plan mode"]


def test_a_contested_synonym_goes_to_the_higher_priority_in_any_order() -> None:
    low, high = concept("alpha", "plan", priority=10), concept("beta", "plan", priority=20)
    for order in permutations([low, high, concept("gamma", "plan", priority=15)]):
        assert found("plan", *order) == ["beta"]


def test_of_equal_claims_the_first_path_wins_then_the_first_line() -> None:
    late = Concept("late", "kg/a.md", 9, synonyms=(Synonym("plan", 9, 1),))
    early = Concept("early", "kg/a.md", 3, synonyms=(Synonym("plan", 3, 1),))
    for order in permutations([concept("b", "plan"), late, early]):
        assert found("plan", *order) == ["early"]


def test_hits_name_each_concept_once_where_it_comes_first() -> None:
    hits = compile_rolegraph([concept("think", "plan", routes=ROUTE)]).hits(
        "a plan to think, then plan"
    )
    assert [(hit.match.pattern, hit.match.start) for hit in hits] == [("plan", 2)]


def test_the_highest_effective_priority_comes_first() -> None:
    heir = concept("heir", priority=80, links=(Link("rich", "broader", 1, 1),))
    rich = concept("rich", priority=1, routes=ROUTE)
    rival = concept("rival", priority=75, routes=ROUTE)
    hits = compile_rolegraph([heir, rich, rival]).hits("heir and rival")
    assert [(hit.concept.id, hit.priority, hit.inherited) for hit in hits] == [
        ("rival", 75, ()),
        ("heir", 72, ("heir", "rich")),
    ]
    assert hits[1].routes == ROUTE
    assert hits[1].confidence == 0.72


def test_of_equal_priorities_the_earliest_in_the_text_comes_first() -> None:
    hits = compile_rolegraph([concept("b"), concept("a")]).hits("b then a")
    assert [hit.concept.id for hit in hits] == ["b", "a"]


def test_a_concept_that_reaches_no_route_ranks_by_its_own_priority() -> None:
    hit, other = compile_rolegraph([concept("lost", priority=90), concept("b")]).hits("b lost")
    assert (hit.concept.id, hit.routes, hit.priority) == ("lost", (), 90)
    assert other.concept.id == "b"


def test_a_text_of_one_letter_costs_no_more_than_its_bound() -> None:
    patterns = [concept("a"), concept("aa"), concept("aaa")]
    text = "a" * 1_000_000
    matches = compile_rolegraph(patterns, boundary="none").matches(text)
    assert 0 < len(matches) <= MOST
    assert {match.pattern for match in matches[:-1]} == {"aaa"}
    assert compile_rolegraph(patterns).matches(text) == ()


@given(st.text(), st.text(min_size=1))
def test_any_text_and_any_synonym_may_come(text: str, synonym: str) -> None:
    rolegraph = compile_rolegraph([concept("x", synonym)], boundary="none")
    for match in rolegraph.matches(f"{text}{synonym}"):
        assert 0 <= match.start < match.end <= len(text) + len(synonym)
    if synonym.strip():
        assert rolegraph.matches(synonym)
