"""The concepts that we ship: what a new home knows on its first day."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.concept import Concept
from kg.folder import load
from kg.lint import lint
from rolegraph.rolegraph import Rolegraph, compile_rolegraph

HOME = Path(__file__).parents[2]
HERE = Path(__file__).parent
SOURCES = load(HOME, [""])
CONCEPTS: tuple[Concept, ...] = tuple(c for source in SOURCES.values() for c in source.concepts)

ORDINARY = (HERE / "ordinary_sentences.txt").read_text().splitlines()
ROUTED = [
    (concept, sentence)
    for concept, _, sentence in (
        line.partition("\t") for line in (HERE / "routing_sentences.tsv").read_text().splitlines()
    )
]


@pytest.fixture(scope="module")
def rolegraph() -> Rolegraph:
    return compile_rolegraph(CONCEPTS)


def test_the_files_are_free_of_problems() -> None:
    assert [str(problem) for source in SOURCES.values() for problem in source.problems] == []
    assert [str(problem) for problem in lint(CONCEPTS)] == []


def test_there_are_enough_concepts_and_synonyms_for_the_first_day() -> None:
    assert len(CONCEPTS) >= 60
    assert len({synonym.text for concept in CONCEPTS for synonym in concept.synonyms}) >= 400


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.id)
def test_a_file_explains_itself_to_people(concept: Concept) -> None:
    assert concept.title
    assert len(concept.summary.split()) >= 8
    assert len(concept.synonyms) >= 5
    assert concept.links


def test_every_concept_leads_to_a_model(rolegraph: Rolegraph) -> None:
    assert [c.id for c in CONCEPTS if not rolegraph.graph.inherit(c).routes] == []


def test_most_concepts_inherit_their_routes() -> None:
    assert sum(not concept.routes for concept in CONCEPTS) > len(CONCEPTS) / 2


def test_the_graph_hangs_together(rolegraph: Rolegraph) -> None:
    assert rolegraph.graph.network.connected(concept.id for concept in CONCEPTS)


def test_a_framework_inherits_over_the_folder_of_its_language(rolegraph: Rolegraph) -> None:
    (hit,) = rolegraph.hits("my tokio task never wakes up")
    assert hit.inherited == ("tokio_runtime", "rust_lang", "software_engineering")
    assert hit.priority == pytest.approx(55 * 0.9 * 0.9)


def test_plan_mode_reaches_the_models_that_think(rolegraph: Rolegraph) -> None:
    hit = rolegraph.hits("plan mode")[0]
    assert (hit.routes[0].provider, hit.routes[0].model) == ("deepseek", "deepseek-reasoner")
    assert hit.inherited == ("plan_mode", "think_routing")


def test_planning_and_incidents_outrank_a_wish_for_speed(rolegraph: Rolegraph) -> None:
    for first in ("plan mode", "production is down"):
        hits = rolegraph.hits(f"quick answer, please: {first}")
        assert [hit.match.pattern for hit in hits] == [first, "quick answer"]


def test_a_provider_asked_for_by_name_outranks_the_topic(rolegraph: Rolegraph) -> None:
    assert rolegraph.hits("think step by step, and use groq")[0].concept.id == "use_groq"


def test_both_lists_of_sentences_are_long_and_say_nothing_twice() -> None:
    sentences = [sentence for _, sentence in ROUTED]
    assert len(set(ORDINARY)) == len(ORDINARY) >= 150
    assert len(set(sentences)) == len(sentences) >= 60


@pytest.mark.parametrize("sentence", ORDINARY)
def test_an_ordinary_sentence_matches_nothing(sentence: str, rolegraph: Rolegraph) -> None:
    assert [(hit.concept.id, hit.match.pattern) for hit in rolegraph.hits(sentence)] == []


@pytest.mark.parametrize(("concept", "sentence"), ROUTED)
def test_a_telling_sentence_ranks_its_concept_first(
    concept: str, sentence: str, rolegraph: Rolegraph
) -> None:
    hits = rolegraph.hits(sentence)
    assert [hit.concept.id for hit in hits[:1]] == [concept]


def test_every_concept_is_reached_by_some_sentence() -> None:
    assert {concept.id for concept in CONCEPTS} == {concept for concept, _ in ROUTED}
