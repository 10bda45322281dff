"""Which session, conversation and turn a request belongs to."""

import json
from pathlib import Path
from typing import Any

import pytest

from roles.extract import facts_of
from roles.facts import Facts
from roles.identity import is_fingerprint

CAPTURES = Path(__file__).parent.parent / "captures"
SYSTEM = "You are a careful engineer."


def captured(name: str) -> Facts:
    capture = json.loads((CAPTURES / f"{name}.json").read_text())
    headers = {key.lower(): value for key, value in capture["headers"]}
    return facts_of(capture["body"], headers, body_bytes=1, count=lambda: 1)


def sent(*messages: Any, system: Any = SYSTEM, tools: Any = (), **headers: str) -> Facts:
    roles = ("user", "assistant")
    body = {
        "system": system,
        "tools": [{"name": name} for name in tools],
        "messages": [{"role": roles[at % 2], "content": each} for at, each in enumerate(messages)],
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return facts_of(body, named, body_bytes=1, count=lambda: 1)


def block(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **more}


RESULT = [{"type": "tool_result", "tool_use_id": "t", "content": "done"}]
CALL = [{"type": "tool_use", "id": "t", "name": "run", "input": {}}]


def test_a_tool_loop_stays_in_its_turn() -> None:
    first = sent("fix it")
    then = sent("fix it", CALL, RESULT)
    assert (then.session, then.conversation, then.turn) == (
        first.session,
        first.conversation,
        first.turn,
    )


def test_the_same_words_again_are_another_turn() -> None:
    once = sent("fix it", "done", "continue")
    twice = sent("fix it", "done", "continue", "done", "continue")
    assert once.turn != twice.turn
    assert once.conversation == twice.conversation


@pytest.mark.parametrize(
    "other",
    [
        sent("fix it", system="You write titles."),
        sent("fix that"),
        sent("fix it", tools=["run"]),
        sent("fix it", system=None),
    ],
)
def test_without_an_id_another_beginning_is_another_session(other: Facts) -> None:
    assert other.session != sent("fix it").session


def test_within_a_named_session_another_beginning_is_another_conversation() -> None:
    main = sent("fix it", x_session_id="s")
    title = sent("fix it", system="You write titles.", x_session_id="s")
    assert main.session == title.session == "s"
    assert main.conversation != title.conversation


def test_what_changes_far_down_in_a_system_prompt_changes_nothing() -> None:
    long = "x" * 2000
    assert sent("hi", system=f"{long} Monday").session == sent("hi", system=f"{long} now").session


def test_of_a_marked_system_prompt_only_what_is_marked_counts() -> None:
    def marked(date: str) -> Facts:
        blocks = [block(SYSTEM, cache_control={"type": "ephemeral"}), block(date)]
        return sent("hi", system=blocks)

    assert marked("Monday").session == marked("Tuesday").session


def test_long_first_messages_are_told_apart_by_their_ends_and_length() -> None:
    text = "a" * 5000
    assert sent(text).session == sent(text).session
    assert sent(text).session != sent(f"{text}a").session
    assert sent(text).session != sent(f"{text[:-1]}b").session


def test_a_client_that_names_its_conversation_keeps_it_through_a_compaction() -> None:
    named = {"x_claude_code_session_id": "s"}
    before = sent("fix it", x_claude_code_request_class="main", **named)
    asked = sent("fix it", CALL, RESULT, x_claude_code_request_class="compaction", **named)
    after = sent("In short: ...", x_claude_code_request_class="main", **named)
    assert before.conversation == asked.conversation == after.conversation
    aside = sent("fix it", x_claude_code_request_class="auxiliary", **named)
    assert aside.conversation != before.conversation


def test_claude_codes_subagents_are_conversations_of_their_own() -> None:
    facts = captured("cc_subagent")
    assert facts.session == "00000000-0000-4000-8000-00000000000b"
    assert facts.conversation == "af38850a3e103bedf"
    assert facts.turn == "00000000-0000-4000-8000-00000000000c"


@pytest.mark.parametrize("name", ["codex_exec_tool_turn2", "codex_gpt6_codemode_turn2"])
def test_codex_names_session_thread_and_turn(name: str) -> None:
    capture = json.loads((CAPTURES / f"{name}.json").read_text())
    told = capture["body"]["client_metadata"]
    headers = {key.lower(): value for key, value in capture["headers"]}
    facts = facts_of({"messages": []}, headers, body_bytes=1, count=lambda: 1)
    metadata = json.loads(told["x-codex-turn-metadata"])
    assert facts.session == metadata["session_id"]
    assert facts.conversation == metadata["thread_id"]
    assert facts.turn == metadata["turn_id"]


def test_an_older_codex_names_its_session_with_an_underscore() -> None:
    body = {"messages": [{"role": "user", "content": "hi"}]}
    assert facts_of(body, {"session_id": "s"}, body_bytes=1, count=lambda: 1).session == "s"


@pytest.mark.parametrize(
    "name",
    ["cc_p_text", "cc_p_tool_turn2", "cc_tui_compact", "cc_websearch_server_tool"],
)
def test_what_no_header_names_is_a_short_fingerprint(name: str) -> None:
    facts = captured(name)
    assert not is_fingerprint(facts.session)
    assert is_fingerprint(facts.turn)
    assert len(facts.turn) < 20
    assert facts.conversation == "main" or is_fingerprint(facts.conversation)


def test_a_client_without_any_id_still_has_a_session() -> None:
    facts = captured("openclaw_anthropic_tool_turn2")
    assert is_fingerprint(facts.session)
    assert facts.conversation == facts.session
    assert facts.continues_turn


def test_no_two_clients_share_a_session() -> None:
    names = ("cc_p_text", "cc_subagent", "openclaw_anthropic_tool_turn2", "sdk_py_anthropic_stream")
    assert len({captured(name).session for name in names}) == len(names)


def test_names_too_long_to_be_kept_are_told_apart_all_the_same() -> None:
    long = "x" * 100_000
    names = ("x_session_id", "thread_id", "x_claude_code_prompt_id")
    one = sent("hello", **dict.fromkeys(names, long + "1"))
    other = sent("hello", **dict.fromkeys(names, long + "2"))
    for first, second in (
        (one.session, other.session),
        (one.conversation, other.conversation),
        (one.turn, other.turn),
    ):
        assert first != second
        assert len(first) == len(second) < 100
        assert not is_fingerprint(first)
