from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from kg.codes import CODES
from kg.concept import Concept, Synonym
from kg.lint import lint
from kg.parse import parse

ADD = "(only its name is ever found; add a synonyms:: line)"
LONGER = "(write a phrase of two or more words)"
CIRCLE = "first -> second -> last -> first"
REMOVE = "(remove one of these links)"


def told(**files: str) -> list[str]:
    concepts = [
        concept
        for name, text in files.items()
        for concept in parse(text, f"kg/{name.replace('__', '/')}.md")[0]
    ]
    return [str(found).removeprefix("kg/") for found in lint(concepts)]


def test_files_that_agree_say_nothing() -> None:
    assert (
        told(
            think="# Think Routing\nsynonyms:: plan mode\nbroader:: reasoning",
            reasoning="synonyms:: deep thought\n[[think_routing]], [[Think Routing]] and [[think]]",
        )
        == []
    )


def test_of_two_concepts_with_one_id_the_first_path_is_the_one_links_lead_to() -> None:
    assert told(b__rust="synonyms:: crate\npriority:: 90", a__rust="synonyms:: cargo")[-1] == (
        'b/rust.md:1:1 RG040 the concept "rust" is already in kg/a/rust.md:1'
        " (links lead to that one; rename this one)"
    )


def test_a_contested_synonym_is_told_where_it_loses_with_the_name_of_the_winner() -> None:
    assert told(
        first="synonyms:: plan  mode, debug it",
        second="priority:: 80\nsynonyms:: Plan Mode",
        last="synonyms:: DEBUG IT",
    ) == [
        'first.md:1:12 RG041 "plan  mode" belongs to kg/second.md:1 (its priority is higher)',
        'last.md:1:12 RG041 "DEBUG IT" belongs to kg/first.md:1 (it comes first)',
    ]


def test_the_name_of_a_concept_is_a_claim_like_any_other() -> None:
    assert told(long_context="synonyms:: big file", other="synonyms:: long context") == [
        'other.md:1:12 RG041 "long context" belongs to kg/long_context.md:1 (it comes first)',
    ]


def test_a_link_to_nowhere_is_told_with_the_concept_that_was_probably_meant() -> None:
    assert told(a_file="See [[lonh_context]]\nrelated:: qqq", long_context="[[a_file]]") == [
        'a_file.md:1:7 RG042 unknown concept "lonh_context" (did you mean "long_context"?)',
        'a_file.md:2:11 RG042 unknown concept "qqq"',
    ]


def test_a_concept_that_only_its_name_can_find_is_told() -> None:
    assert told(think="route:: a, b") == [
        f'think.md:1:1 RG043 "think" has neither synonyms nor links {ADD}',
    ]


def test_a_synonym_that_any_text_holds_is_told_but_not_a_short_word_of_another_script() -> None:
    assert told(think="synonyms:: The, ai, 思考, why not") == [
        f'think.md:1:12 RG044 "The" is found in almost any text {LONGER}',
        f'think.md:1:17 RG044 "ai" is found in almost any text {LONGER}',
    ]


def test_a_circle_of_broader_concepts_is_told_once() -> None:
    circle = told(
        first="# First One\nbroader:: second",
        second="broader:: last\nrelated:: first",
        last="broader:: First One",
        aside="broader:: first",
        alone="broader:: alone",
    )
    assert circle == [
        f"alone.md:1:11 RG045 broader leads back to where it began: alone -> alone {REMOVE}",
        f"first.md:2:11 RG045 broader leads back to where it began: {CIRCLE} {REMOVE}",
    ]


names = st.sampled_from(["a", "b c", "B  C", "the", "d"])
concepts = st.lists(
    st.builds(
        Concept,
        id=names,
        path=st.sampled_from(["kg/a.md", "kg/b.md", "kg/c.md"]),
        line=st.integers(1, 3),
        priority=st.integers(0, 2),
        synonyms=st.lists(st.builds(Synonym, names, st.integers(1, 9), st.integers(1, 9))).map(
            tuple
        ),
    ),
    unique_by=lambda concept: (concept.path, concept.line),
    max_size=6,
)


@given(concepts, st.randoms(use_true_random=False))
def test_the_findings_do_not_depend_on_the_order_of_reading(
    found: list[Concept], random: Random
) -> None:
    before = lint(found)
    random.shuffle(found)
    assert lint(found) == before
    assert {CODES[problem.code][0] for problem in before} <= {"warning"}
