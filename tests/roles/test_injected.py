"""What clients inject is no word of the user's."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roles.injected import written

PLAIN = st.text(st.characters(exclude_characters="<[", exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    "injected",
    [
        "<system-reminder>\nthink\n</system-reminder>",
        "<local-command-stdout>think</local-command-stdout>",
        "<command-name>/model</command-name> <command-message>model</command-message>",
        "<user-prompt-submit-hook>think</user-prompt-submit-hook>",
        "<bash-input>ls</bash-input><bash-stdout>think</bash-stdout><bash-stderr></bash-stderr>",
        "<environment_context>\n  <cwd>/think</cwd>\n</environment_context>",
        "<user_instructions>think</user_instructions>",
        ("<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nthink\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>"),
        "[Request interrupted by user for tool use]",
    ],
)
def test_an_injected_block_is_cut_out_wherever_it_stands(injected: str) -> None:
    assert written(injected) == ""
    assert written(f"{injected}\nsay hi") == "say hi"
    assert written(f"say hi {injected}") == "say hi"
    assert written(f"say {injected} hi").split() == ["say", "hi"]


def test_the_arguments_of_a_command_are_the_users_own_words() -> None:
    text = (
        "<command-message>review</command-message>\n<command-name>/review</command-name>\n"
        "<command-args>the parser, step by step</command-args>"
    )
    assert written(text) == "the parser, step by step"


def test_a_block_that_is_never_closed_is_the_users_text() -> None:
    text = "what is <system-reminder> for?"
    assert written(text) == text


def test_other_tags_are_the_users_text() -> None:
    assert written("fix <div>this</div>") == "fix <div>this</div>"


def test_a_clients_note_counts_only_where_it_stands_alone() -> None:
    assert written("Tool loaded.") == ""
    assert written("Tool loaded. Now think.") == "Tool loaded. Now think."


@given(PLAIN)
def test_text_without_any_mark_is_kept_whole(text: str) -> None:
    assert written(text) == text.strip()


@given(PLAIN, PLAIN, PLAIN)
def test_nothing_of_a_block_is_left_and_nothing_else_is_lost(
    before: str, inside: str, after: str
) -> None:
    left = written(f"{before}<system-reminder>{inside}</system-reminder>{after}")
    assert left == f"{before} {after}".strip()


def test_a_text_of_nothing_but_openings_costs_no_more_than_its_length() -> None:
    start = time.process_time()
    written("<system-reminder>" * 60_000)
    assert time.process_time() - start < 1
