"""How much a request asks for."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roles.complexity import READ, WEIGHTS, complexity
from roles.facts import Facts

BIG = """Rewrite the scheduler.

1. First measure it
2. Move the queue to tokio
- keep the API

Then run the tests, and finally write down what changed:
```rust
fn main() {
    run();
}
```
"""


def parts(text: str, concepts: int = 0, *, tools: bool = False) -> dict[str, float]:
    return dict(complexity(Facts(text, tools=tools), concepts).parts)


def test_a_greeting_asks_for_nothing() -> None:
    assert complexity(Facts("hello"), 0).score == 0.0


def test_the_parts_add_up_to_the_score_and_name_every_weight() -> None:
    estimate = complexity(Facts(BIG, tools=True), 3)
    assert [name for name, _ in estimate.parts] == list(WEIGHTS)
    assert estimate.score == pytest.approx(sum(value for _, value in estimate.parts))
    assert estimate.as_dict()["parts"]["tools"] == 0.1


def test_everything_at_its_full_is_one() -> None:
    text = "1. step\n" * 5 + "    code\n" * 40 + "x" * 4000
    assert complexity(Facts(text, tools=True), 3).score == 1.0


def test_items_of_lists_and_words_of_order_are_steps() -> None:
    step = 0.05
    assert parts(BIG)["steps"] == pytest.approx(5 * step)
    assert parts("Read it, then mend it; finally: test.")["steps"] == pytest.approx(2 * step)
    assert parts("First read it, then mend it.")["steps"] == pytest.approx(2 * step)
    assert parts("1) read\n2) mend")["steps"] == pytest.approx(2 * step)


@pytest.mark.parametrize(
    "text",
    ["the first line", "strengthen the authentication", "3.5 is a number", "2026. A year", "- "],
)
def test_what_only_looks_like_a_step_is_none(text: str) -> None:
    assert parts(text)["steps"] == 0


def test_code_is_what_is_fenced_indented_or_ends_like_code() -> None:
    line = 0.2 / 40
    assert parts("```\n" + "a\n" * 10 + "```\nb")["code"] == pytest.approx(10 * line)
    assert parts("\tgo()\n" * 10)["code"] == pytest.approx(10 * line)
    assert parts("let a = 1;\n" * 10)["code"] == pytest.approx(10 * line)
    assert parts("a sentence.\n" * 10)["code"] == 0


def test_of_an_overlong_text_both_ends_are_read() -> None:
    steps = "1. a\n2. b\n"
    assert parts(steps + "x" * 2 * READ)["steps"] == parts("x" * 2 * READ + "\n" + steps)["steps"]


@given(st.text(alphabet="a1. -`;{\n\tthen", max_size=300), st.integers(0, 9))
def test_with_tools_or_one_concept_more_it_never_asks_for_less(text: str, concepts: int) -> None:
    less = complexity(Facts(text), concepts)
    more = complexity(Facts(text, tools=True), concepts + 1)
    assert 0 <= less.score <= more.score <= 1


@pytest.mark.parametrize("piece", ["\n", "then ", "1. ", "`" * 3 + "\n", ";\n", "9", "x"])
def test_two_million_characters_of_anything_cost_next_to_nothing(piece: str) -> None:
    facts = Facts((piece * 2_000_000)[:2_000_000])
    started = process_time()
    complexity(facts, 0)
    assert process_time() - started < 0.05
