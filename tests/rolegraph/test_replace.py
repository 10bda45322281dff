"""Names of concepts in place of their synonyms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.concept import Concept, Synonym
from rolegraph.replace import name_of, replaced
from rolegraph.rolegraph import compile_rolegraph

TOKIO = Concept("tokio_runtime", "kg/tokio.md", synonyms=(Synonym("async runtime", 1, 1),))
PLAN = Concept(
    "plan", "kg/plan.md", title="Plan Mode", synonyms=(Synonym("scheme", 1, 1), Synonym("q", 1, 1))
)
GRAPH = compile_rolegraph((TOKIO, PLAN))


def after(text: str) -> str:
    return replaced(text, GRAPH.matches(text))


def test_a_concept_is_called_by_its_title_or_by_its_id_as_words() -> None:
    assert (name_of(PLAN), name_of(TOKIO)) == ("Plan Mode", "tokio runtime")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the async  runtime, a scheme", "the tokio runtime, a Plan Mode"),
        ("Scheme: ASYNC RUNTIME!", "Plan Mode: tokio runtime!"),
        ("a plan", "a Plan Mode"),
        ("Tokio Runtime stays, and schemes too", "Tokio Runtime stays, and schemes too"),
        ("(scheme)\nscheme", "(Plan Mode)\nPlan Mode"),
        ("“scheme”, scheme? 'a scheme of mine'", "“Plan Mode”, Plan Mode? 'a Plan Mode of mine'"),
        ("a dash - scheme", "a dash - Plan Mode"),
        ("1 < scheme > 2", "1 < Plan Mode > 2"),
    ],
)
def test_synonyms_in_prose_become_the_name(text: str, expected: str) -> None:
    assert after(text) == expected


FENCES = ["```\nscheme\n```", "~~~py\nasync runtime\n~~~~", "  ````\n```\nq\n````"]
LITERALS = [
    "`scheme`",
    "``a ` scheme``",
    "https://scheme.example/async?q=scheme",
    "http://x/scheme",
    "www.scheme.org",
    "me@scheme",
    "src/scheme",
    "./scheme",
    r"C:\scheme",
    "~/scheme/q.rs",
    "scheme.py",
    "my.scheme",
    "scheme::new",
    "scheme->q",
    "scheme()",
    "--scheme",
    "-q",
    "$scheme",
    "#scheme",
    "@scheme",
    '"scheme"',
    "'scheme',",
    "<scheme>",
    '<a href="x" title="the scheme">',
    "x:scheme",
]


@pytest.mark.parametrize("literal", LITERALS)
def test_what_is_no_prose_stays(literal: str) -> None:
    assert after(f"see {literal} here") == f"see {literal} here"
    assert after(f"scheme {literal}\nscheme") == f"Plan Mode {literal}\nPlan Mode"


PROSE = st.sampled_from(["the scheme", "an async runtime", "nothing", "a plan.", "scheme,"])


@given(parts=st.lists(st.tuples(PROSE, st.sampled_from(LITERALS + FENCES)), max_size=6))
def test_wherever_code_urls_and_paths_stand_they_stay(parts: list[tuple[str, str]]) -> None:
    text = "\n".join(f"{prose}\n{literal}" for prose, literal in parts)
    expected = "\n".join(f"{after(prose)}\n{literal}" for prose, literal in parts)
    assert after(text) == expected


@given(text=st.text(alphabet="`~\n scheme<>/'\"\\@-.", max_size=60))
def test_any_text_is_replaced_without_touching_a_fence_that_is_never_closed(text: str) -> None:
    fenced = f"```\n{text} scheme"
    assert after(fenced) == fenced or "```" in text


@given(text=st.text())
def test_a_text_without_synonyms_stays_the_same(text: str) -> None:
    assert GRAPH.matches(text) or after(text) == text


def test_what_is_kept_is_kept() -> None:
    text = "scheme scheme"
    assert replaced(text, GRAPH.matches(text), [(0, 3)]) == "scheme Plan Mode"


def test_a_long_word_costs_no_more_than_its_length() -> None:
    assert after("x" * 2_000_000 + " scheme").endswith("Plan Mode")
    assert after("<a " * 200_000 + "scheme").endswith("Plan Mode")
