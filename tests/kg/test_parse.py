from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.concept import Concept, Link, Route, Synonym, Transform
from kg.directive import KEYWORDS
from kg.parse import parse

EXAMPLE = """\
# Think Routing
Prose for people. A [[long_context]] link is an edge of the graph.

synonyms:: think, plan mode, step by step
synonyms:: deep reasoning
route:: deepseek, deepseek-reasoner
route:: openrouter, anthropic/claude-sonnet-4.5
priority:: 80
trigger:: when a task needs careful reasoning
related:: long_context
broader:: reasoning
"""
RANGE = "(write a number from 0 to 100; the higher wins)"


def one(text: str, path: str = "kg/routing/think.md") -> Concept:
    (concept,), _ = parse(text, path)
    return concept


def told(text: str) -> list[str]:
    return [str(found).removeprefix("kg/a.md:") for found in parse(text, "kg/a.md")[1]]


def test_the_example_of_the_documentation_says_all_it_seems_to_say() -> None:
    concepts, problems = parse(EXAMPLE, "kg/routing/think.md")
    assert problems == ()
    assert concepts == (
        Concept(
            id="think",
            path="kg/routing/think.md",
            title="Think Routing",
            summary="Prose for people. A [[long_context]] link is an edge of the graph.",
            aliases=("think_routing",),
            synonyms=(
                Synonym("think", 4, 12),
                Synonym("plan mode", 4, 19),
                Synonym("step by step", 4, 30),
                Synonym("deep reasoning", 5, 12),
            ),
            routes=(
                Route("deepseek", "deepseek-reasoner", line=6, column=9),
                Route("openrouter", "anthropic/claude-sonnet-4.5", line=7, column=9),
            ),
            priority=80,
            trigger="when a task needs careful reasoning",
            links=(
                Link("long_context", "wiki", 2, 23),
                Link("long_context", "related", 10, 11),
                Link("reasoning", "broader", 11, 11),
            ),
        ),
    )


def test_the_id_is_the_stem_and_the_slug_of_the_first_heading_another_name() -> None:
    text = "# Fast & High Throughput Routing\n# a comment\nsynonyms:: quick\n"
    concept = one(text, "kg/routing/Fast.md")
    assert concept.id == "fast"
    assert concept.aliases == ("fast_&_high_throughput_routing",)


@pytest.mark.parametrize(
    "text",
    [
        "synonyms:: b, c",
        "  SYNONYMS::b,c  ",
        "- synonyms:: b, c",
        "[synonyms::] b, c",
        "synonyms :: b, c",
        "synonyms:: b,\n  c",
        "synonyms:: b\nsynonyms:: c",
        "synonyms:: [[b]], , c,",
        "```\nsynonyms:: b, c\n```",
        "---\nsynonyms:: not this\n---\nsynonyms:: b, c",
        "\ufeffsynonyms:: b, c\r\n",
    ],
)
def test_a_list_of_synonyms_is_understood_in_every_spelling(text: str) -> None:
    assert [synonym.text for synonym in one(text).synonyms] == ["b", "c"]


def test_a_model_is_verbatim_whatever_it_holds() -> None:
    (route,) = one("routing:: Ollama , Qwen2.5-coder:latest/x, y:free").routes
    assert (route.provider, route.model) == ("ollama", "Qwen2.5-coder:latest/x, y:free")


def test_free_belongs_to_the_route_before_it() -> None:
    text = "route:: a, x\nroute:: b, y\nis_free:: yes\nroute:: c, z\nfree:: 1\nfree:: no\n"
    assert [route.free for route in one(text).routes] == [False, True, False]


def test_of_two_priorities_the_first_counts_and_none_is_50() -> None:
    assert one("priority:: 0\npriority:: 90").priority == 0
    assert one("priority:: 100").priority == 100
    assert one("").priority == 50


def test_three_colons_make_a_type_and_two_a_property_of_logseq() -> None:
    assert one("type:: document").kind == "kg_entry"
    assert one("type::: document").kind == "document"


def test_an_action_is_kept_as_text() -> None:
    assert one("action:: rm -rf /\naction:: echo").action == "rm -rf /\necho"


def test_flags_and_transformers_are_kept() -> None:
    concept = one("pinned:: True\ntransform:: cleancache, maxtoken")
    assert concept.pinned
    assert concept.transforms == (Transform("cleancache", 2, 13), Transform("maxtoken", 2, 25))


def test_a_wiki_link_is_known_by_its_target_and_a_test_of_the_shell_is_none() -> None:
    text = "See [[Long_Context|that]] and [[fast#how]].\n    if [[ -f x ]]; then\n"
    assert [link.target for link in one(text).links] == ["long_context", "fast"]


def test_the_summary_is_the_first_paragraph_of_prose() -> None:
    text = "# T\ntitle:: x\n\nOne\nand two.\nsynonyms:: b\nNot this.\n"
    assert one(text).summary == "One and two."
    assert one("std::vector is prose").summary == "std::vector is prose"


def test_bracketed_directives_make_each_section_a_concept() -> None:
    text = (
        "# Languages\n## Rust Code\n[synonyms::] cargo, crate\nroute:: a, x\n"
        "## Notes\nprose\n## Go\nSome [[prose]].\n[synonyms::] golang\n[priority::] 70\n"
    )
    rust, go = parse(text.replace("Some [[prose]].\n", ""), "kg/languages.md")[0]
    assert (rust.id, rust.title, rust.line) == ("rust_code", "Rust Code", 2)
    assert [synonym.text for synonym in rust.synonyms] == ["cargo", "crate"]
    assert [str(route.model) for route in rust.routes] == ["x"]
    assert (go.id, go.priority) == ("go", 70)


def test_a_section_is_narrower_than_a_file_that_speaks_for_itself() -> None:
    text = "route:: a, x\n## Rust\n[synonyms::] cargo\n"
    whole, rust = parse(text, "kg/languages.md")[0]
    assert whole.routes
    assert rust.links == (Link("languages", "broader", 2, 1),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "route:: openrouter",
            '1:9 RG002 the route names no model (write "route:: openrouter, model")',
        ),
        (
            "\n  route:: openrouter/anthropic/claude",
            '2:11 RG002 the route names no model (write "route:: openrouter, anthropic/claude")',
        ),
        (
            "route:: , gpt",
            '1:9 RG002 the route names no provider (write "route:: provider, model")',
        ),
        (
            "priority:: high",
            f'1:12 RG003 the priority "high" is not a whole number {RANGE}',
        ),
        (
            "priority:: 101",
            f'1:12 RG003 the priority "101" is out of range {RANGE}',
        ),
        (
            "priority:: -1",
            f'1:12 RG003 the priority "-1" is out of range {RANGE}',
        ),
        ("pinned:: maybe", '1:10 RG004 "maybe" is neither yes nor no (write "true" or "false")'),
        (
            "type::: documents",
            '1:9 RG005 unknown type "documents" (did you mean "document"?)',
        ),
        (
            "synonyms:: ,",
            '1:1 RG006 "synonyms::" has no value (write it on the same line, after the colons)',
        ),
        (
            "free:: yes",
            '1:1 RG007 "free::" has no route above it (write it below the route it speaks of)',
        ),
        ("priority:: 7\npriority:: 8", "2:12 RG008 a second priority (the first one counts: 7)"),
        (
            " - synonyms:: b",
            '1:4 RG009 unusual spelling (write "synonyms:: ..." on one line, from its start)',
        ),
        (
            "synonyms:: b,\n c",
            '2:2 RG009 unusual spelling (write "synonyms:: ..." on one line, from its start)',
        ),
        ("synonim:: b", '1:1 RG010 "synonim::" is ignored (did you mean "synonyms"?)'),
    ],
)
def test_each_fault_is_told_with_its_place_and_its_mending(text: str, expected: str) -> None:
    assert told(text) == [expected]


@pytest.mark.parametrize("text", ["title:: x", "tags:: [[a]]", "alias:: y", "type:: z", "id:: 1"])
def test_properties_of_logseq_are_passed_over_in_silence(text: str) -> None:
    assert told(text) == []


def test_a_broken_line_costs_only_itself() -> None:
    concept = one("priority:: high\nroute:: a\nroute:: b, c\nsynonyms:: d\n")
    assert [route.provider for route in concept.routes] == ["b"]
    assert [synonym.text for synonym in concept.synonyms] == ["d"]
    assert concept.priority == 50


line = st.one_of(
    st.builds(
        "{}{}{}{} {}".format,
        st.sampled_from(["", " ", "- ", "[", "\t", "## "]),
        st.sampled_from(sorted(KEYWORDS)),
        st.sampled_from(["::", " ::", ":::", "::]", "::::"]),
        st.sampled_from(["", " ", "\u3000"]),
        st.text(st.sampled_from("ab ,:[]|#-+\u00e9\U0001f600\u2028\x0b\r9"), max_size=20),
    ),
    st.sampled_from(["---", "# A", "## B", "```", "", "[[a|b]] [[ c ]] [[", "---\r"]),
    st.text(max_size=20),
)
texts = st.lists(line, max_size=12).map("\n".join)


@given(texts)
def test_every_text_is_read_and_says_the_same_each_time(text: str) -> None:
    assert parse(text, "kg/a.md") == parse(text, "kg/a.md")


@given(texts)
def test_line_and_column_point_at_the_text_they_name(text: str) -> None:
    lines = text.removeprefix("\ufeff").split("\n")
    concepts, problems = parse(text, "kg/a.md")
    for concept in concepts:
        for synonym in concept.synonyms:
            assert lines[synonym.line - 1][synonym.column - 1 :].startswith(synonym.text)
        for route in concept.routes:
            at = lines[route.line - 1][route.column - 1 :]
            assert at.lower().startswith(route.provider)
            assert at.rstrip().endswith(route.model)
        for link in concept.links:
            # The edge from a section to its file is nowhere in the text.
            if (link.target, link.column) != ("a", 1):
                assert lines[link.line - 1][link.column - 1 :].lower().startswith(link.target)
    for found in problems:
        assert 1 <= found.line <= len(lines)
        assert 1 <= found.column <= len(lines[found.line - 1])
