"""Translated prompts are kept by providers that keep them only when asked."""

from __future__ import annotations

from typing import Any

import pytest

from haystacks.pool import Candidate, Haystack, Model
from haystacks.prompt_cache import cache_hints
from haystacks.transformers.cleancache import Options, make

ONCE: dict[str, Any] = {"messages": [{"role": "user", "content": "A title, please"}]}
TALK: dict[str, Any] = {"messages": [*ONCE["messages"], {"role": "assistant", "content": "Yes"}]}
AGENT: dict[str, Any] = {**ONCE, "tools": [{"name": "Read", "input_schema": {}}]}


def _hints(service: str, model: str, canonical: dict[str, Any], session: str = "") -> Any:
    haystack = Haystack(service, service, "openai_chat", "http://127.0.0.1")
    return cache_hints(Candidate(haystack, Model(model)), canonical, session)


@pytest.mark.parametrize("canonical", [TALK, AGENT])
@pytest.mark.parametrize(
    ("service", "model"),
    [("anthropic", "claude-haiku-5-5"), ("openrouter", "anthropic/claude-sonnet-4.5")],
)
def test_claude_is_asked_to_keep_what_will_come_again(
    service: str, model: str, canonical: dict[str, Any]
) -> None:
    assert _hints(service, model, canonical) == {"cache_control": {"type": "ephemeral"}}
    assert _hints(service, model, ONCE) == {}


def test_openai_is_told_the_session_by_a_hash_of_it() -> None:
    first, other = _hints("openai", "gpt", ONCE, "a"), _hints("openai", "gpt", ONCE, "b")
    assert set(first) == set(other) == {"prompt_cache_key"}
    assert first != other
    assert _hints("openai", "gpt", ONCE) == {}


@pytest.mark.parametrize(
    ("service", "model"),
    [
        ("openrouter", "google/gemini-2.5-flash"),
        ("deepseek", "deepseek-chat"),
        ("anthropic-compatible", "claude-like"),
    ],
)
def test_nobody_else_gets_a_field_that_he_may_refuse(service: str, model: str) -> None:
    assert _hints(service, model, AGENT, "session") == {}


def test_cleancache_takes_the_mark_out_again() -> None:
    clean = make(Options()).body
    assert clean is not None
    marked = {**AGENT, **_hints("anthropic", "claude-haiku-5-5", AGENT)}
    assert clean(marked, None) == AGENT  # type: ignore[arg-type]  # it looks at no target
