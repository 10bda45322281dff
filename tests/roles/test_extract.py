"""The facts of what the clients really send."""

import json
from pathlib import Path
from typing import Any

import pytest

from roles.extract import LONGEST_TEXT, facts_of
from roles.facts import Facts
from roles.identity import is_fingerprint

CAPTURES = Path(__file__).parent.parent / "captures"
PNG = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": ""}}


def captured(name: str) -> Facts:
    capture = json.loads((CAPTURES / f"{name}.json").read_text())
    headers = {key.lower(): value for key, value in capture["headers"]}
    return facts_of(
        capture["body"], headers, body_bytes=capture["original_body_bytes"], count=lambda: 11_300
    )


def said(*content: Any, **headers: str) -> Facts:
    messages = [
        {"role": "assistant" if index % 2 else "user", "content": each}
        for index, each in enumerate(content)
    ]
    lowered = {key.replace("_", "-"): value for key, value in headers.items()}
    return facts_of({"messages": messages}, lowered, body_bytes=100, count=lambda: 25)


def body(**fields: Any) -> Facts:
    return facts_of({"messages": [], **fields}, {}, body_bytes=100, count=lambda: 25)


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def result(*parts: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": "t", "content": list(parts)}


@pytest.mark.parametrize(
    ("name", "words", "continues"),
    [
        ("cc_p_text", "say hi", False),
        ("cc_subagent", "say hello", False),
        ("cc_p_tool_turn2", "USE_TOOL please", True),
        ("cc_parallel_tools_turn2", "USE_TOOL", True),
        ("cc_thinking_turn2", "USE_TOOL", True),
        (
            "cc_toolsearch_tool_reference",
            'CALL_TOOL[[ToolSearch {"query":"select:WebFetch","max_results":1}]]',
            True,
        ),
        ("openclaw_anthropic_tool_turn2", "[Sat 2026-11-21 10:52 UTC] USE_TOOL", True),
        ("sdk_py_anthropic_stream", "hi", False),
    ],
)
def test_the_text_is_the_newest_that_the_user_wrote(
    name: str,
    words: str,
    continues: bool,  # noqa: FBT001 - a row of the table
) -> None:
    facts = captured(name)
    assert (facts.text, facts.continues_turn) == (words, continues)


def test_compaction_belongs_to_the_turn_that_it_interrupts() -> None:
    assert captured("cc_tui_compact").continues_turn


def test_a_user_who_speaks_while_a_tool_runs_begins_a_turn() -> None:
    facts = said("first", [text("")], [result(), text("rather do this")])
    assert (facts.text, facts.continues_turn) == ("rather do this", False)


def test_a_message_of_nothing_but_injected_text_is_no_turn() -> None:
    facts = said("first", "answer", "<system-reminder>think</system-reminder>")
    assert (facts.text, facts.continues_turn) == ("first", False)


def test_a_conversation_without_the_users_words_has_no_text() -> None:
    assert said([result()]).text == ""


def test_claude_codes_default_thinking_is_not_asked_for_thinking() -> None:
    assert not captured("cc_p_text").thinking


@pytest.mark.parametrize(
    ("fields", "thinking"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 4096}}, True),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "xhigh"}}, True),
        ({"output_config": {"effort": "max"}}, True),
        ({"output_config": {"effort": "high"}}, False),
        ({"output_config": {"effort": "medium"}}, False),
        ({"thinking": {"type": "disabled"}}, False),
        ({"thinking": "yes", "output_config": ["high"]}, False),
    ],
)
def test_thinking_is_more_than_a_default(
    fields: dict[str, Any],
    thinking: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert body(**fields).thinking is thinking


def test_a_web_search_of_the_providers_is_no_tool_of_the_clients() -> None:
    facts = captured("cc_websearch_server_tool")
    assert (facts.web_search, facts.tools) == (True, False)


def test_the_clients_tools_are_no_web_search() -> None:
    facts = captured("cc_p_text")
    assert (facts.web_search, facts.tools) == (False, True)


@pytest.mark.parametrize(
    "content", [[PNG], [text("see"), PNG], [result(PNG)], [result(text("see"), PNG)]]
)
def test_an_image_anywhere_in_the_conversation_counts(content: Any) -> None:
    assert said(content, "answer", "and now?").images


@pytest.mark.parametrize(
    ("content", "new"),
    [
        ([[text("look"), PNG]], True),
        ([[text("look"), PNG], "I see.", "and now?"], False),
        (["look", [text("I do.")], [result(PNG)]], True),
        (["look", [text("I do.")], [result(PNG)], "I see.", [result(text("done"))]], True),
        (["look", [text("I do.")], [result(PNG)], "I see.", "and now?"], False),
        ([[PNG]], True),
        (["no image"], False),
    ],
)
def test_an_image_is_new_until_the_user_speaks_again(content: list[Any], *, new: bool) -> None:
    assert said(*content).new_images is new


def test_text_and_tool_results_are_no_images() -> None:
    assert not captured("cc_parallel_tools_turn2").images
    assert not said([result(text("image"))]).images


def test_tokens_are_only_counted_when_the_size_of_the_body_does_not_tell() -> None:
    calls: list[int] = []

    def count() -> int:
        calls.append(1)
        return 25

    facts = facts_of({"messages": []}, {}, body_bytes=100, count=count)
    assert not facts.longer_than(100)
    assert not calls
    assert facts.longer_than(20)
    assert not facts.longer_than(30)
    assert calls


SESSION = "00000000-0000-4000-8000-000000000001"


def test_claude_codes_session_and_turn_are_known() -> None:
    facts = captured("cc_subagent")
    assert facts.session == "00000000-0000-4000-8000-00000000000b"
    assert facts.turn == "00000000-0000-4000-8000-00000000000c"


def test_a_session_of_our_own_header_comes_before_the_clients() -> None:
    facts = said("hi", x_session_id="ours", x_claude_code_session_id="theirs")
    assert facts.session == "ours"


def test_codex_names_its_session_in_a_header() -> None:
    assert said("hi", session_id=SESSION).session == SESSION


@pytest.mark.parametrize(
    ("user", "session"),
    [
        (json.dumps({"device_id": "d", "account_uuid": "", "session_id": SESSION}), SESSION),
        (f"user_abc_account__session_{SESSION}", SESSION),
    ],
)
def test_the_session_may_stand_in_the_users_id(user: object, session: str) -> None:
    assert body(metadata={"user_id": user}).session == session


@pytest.mark.parametrize("user", ["customer-17", "{customer", '{"session_id": 5}', 17])
def test_a_user_is_no_session(user: object) -> None:
    assert is_fingerprint(body(metadata={"user_id": user}).session)


def test_of_an_overlong_text_the_beginning_and_the_end_are_matched() -> None:
    found = said(f"plan mode {'x' * 3 * LONGEST_TEXT} deep reasoning").text
    assert found.startswith("plan mode x")
    assert found.endswith("x deep reasoning")
    assert len(found) <= LONGEST_TEXT + 1
    assert said("x" * LONGEST_TEXT).text == "x" * LONGEST_TEXT
