"""The bench's corpus is what it claims: the same for a seed, distinct, and readable as files."""

from __future__ import annotations

from bench.corpus import concepts, markdown, prompt
from kg.parse import parse


def test_the_same_seed_makes_the_same_corpus_and_another_one_another() -> None:
    assert concepts(5, 20) == concepts(5, 20)
    assert concepts(5, 20) != concepts(5, 20, seed=2)
    assert prompt("blue moon", seed=3) == prompt("blue moon", seed=3)


def test_no_two_patterns_are_the_same() -> None:
    made = [synonym.text for concept in concepts(200, 20) for synonym in concept.synonyms]
    assert len(set(made)) == len(made) == 200 * 19


def test_a_concept_written_as_a_file_reads_back() -> None:
    for concept in concepts(3, 20):
        (read,), problems = parse(markdown(concept), concept.path)
        assert not problems
        assert (read.id, read.priority) == (concept.id, concept.priority)
        assert [s.text for s in read.synonyms] == [s.text for s in concept.synonyms]
        assert [(r.provider, r.model) for r in read.routes] == [("native", "model-a")]


def test_a_prompt_has_its_size_and_its_phrase() -> None:
    for seed in range(20):
        text = prompt("quarterly zebra forecast", seed=seed)
        assert len(text) == 2000
        assert "quarterly zebra forecast" in text
