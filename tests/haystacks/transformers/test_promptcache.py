"""Claude keeps the prompts of clients that know nothing of its marks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.haystacks.transformers.made import sent

MARK: dict[str, Any] = {"cache_control": {"type": "ephemeral"}}
ONCE: dict[str, Any] = {"messages": [{"role": "user", "content": "A title, please"}]}
TALK: dict[str, Any] = {"messages": [*ONCE["messages"], {"role": "assistant", "content": "Yes"}]}
AGENT: dict[str, Any] = {**ONCE, "tools": [{"name": "Read", "input_schema": {}}]}


@pytest.mark.parametrize("asked", [TALK, AGENT])
def test_a_prompt_that_will_come_again_is_marked_and_nothing_else_changes(
    asked: dict[str, Any],
) -> None:
    assert sent("promptcache", asked, asked=asked) == {**asked, **MARK}


def test_a_single_question_is_the_very_same() -> None:
    assert sent("promptcache", ONCE, asked=ONCE) is ONCE


@pytest.mark.parametrize(
    "marked",
    [
        {**TALK, **MARK},
        {"messages": [*TALK["messages"], {"role": "user", "content": [{"type": "text", **MARK}]}]},
    ],
)
def test_who_marks_something_knows_what_is_to_be_kept(marked: dict[str, Any]) -> None:
    assert sent("promptcache", marked, asked=TALK) is marked
