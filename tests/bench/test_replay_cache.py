"""The prompt caches of the replay hold what providers say theirs hold."""

from __future__ import annotations

from typing import Any

import pytest

from bench.replay.cache import SECONDS, Caches, prefixes
from haystacks.dialect import Json
from haystacks.pool import DialectName, Haystack, Model, Price

WORDS = "word " * 2000
MARK = {"cache_control": {"type": "ephemeral"}}


def _haystack(service: str, dialect: DialectName = "openai_chat") -> Haystack:
    return Haystack(service, service, dialect, "http://127.0.0.1")


CLAUDE = _haystack("anthropic", "anthropic"), Model("claude", price=Price(2, 10, 0.2, 2.5))
DEEPSEEK = _haystack("deepseek"), Model("chat", price=Price(1, 2, 0.1))
OPENAI = _haystack("openai"), Model("gpt", price=Price(1, 2, 0.1, 1.25))
UNCACHED = _haystack("cerebras"), Model("oss", price=Price(1, 2))


def _talk(*said: str, marked: bool = False) -> Json:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": text} for text in said]
    if marked:
        blocks[-1] |= MARK
    return {"messages": [{"role": "user", "content": [block]} for block in blocks]}


def _read(caches: Caches, at: tuple[Haystack, Model], body: Json, now: float = 0.0) -> Json:
    haystack, model = at
    return caches.read(haystack, model, prefixes(body, haystack.dialect), now)


def _total(usage: Json) -> int:
    return sum(usage.values())


@pytest.mark.parametrize("at", [CLAUDE, DEEPSEEK, OPENAI, UNCACHED], ids=lambda at: at[1].id)
def test_no_token_is_lost_or_counted_twice(at: tuple[Haystack, Model]) -> None:
    caches = Caches()
    for number in range(3):
        body = _talk(*[WORDS] * (number + 1), marked=True)
        assert _total(_read(caches, at, body)) == prefixes(body, at[0].dialect)[-1].tokens


def test_a_growing_conversation_is_read_up_to_what_was_sent_before() -> None:
    for at in (CLAUDE, DEEPSEEK, OPENAI):
        caches = Caches()
        first = _read(caches, at, _talk(WORDS, marked=True))
        second = _read(caches, at, _talk(WORDS, "And now?", marked=True), SECONDS - 1)
        assert first["cache_read_input_tokens"] == 0
        assert second["cache_read_input_tokens"] == _total(first)


def test_a_cache_is_cold_after_five_minutes_without_use_and_each_use_renews_it() -> None:
    for at in (CLAUDE, DEEPSEEK):
        caches, body = Caches(), _talk(WORDS, marked=True)
        read = [
            _read(caches, at, body, now)["cache_read_input_tokens"]
            for now in (0, SECONDS - 1, 2 * SECONDS - 2, 3 * SECONDS - 2)
        ]
        assert [bool(tokens) for tokens in read] == [False, True, True, False]


def test_claude_keeps_nothing_that_its_client_has_not_marked() -> None:
    caches = Caches()
    usages = [_read(caches, CLAUDE, _talk(WORDS)) for _ in range(2)]
    assert [usage["cache_read_input_tokens"] for usage in usages] == [0, 0]
    assert [usage["cache_creation_input_tokens"] for usage in usages] == [0, 0]


def test_a_mark_on_the_whole_request_is_one_on_its_last_block() -> None:
    caches = Caches()
    first = _read(caches, CLAUDE, {**_talk(WORDS), **MARK})
    second = _read(caches, CLAUDE, {**_talk(WORDS, "And now?"), **MARK})
    assert second["cache_read_input_tokens"] == first["cache_creation_input_tokens"] > 1024


def test_claude_looks_back_twenty_blocks_and_no_further() -> None:
    for added, found in ((20, True), (21, False)):
        caches = Caches()
        _read(caches, CLAUDE, _talk(WORDS, marked=True))
        usage = _read(caches, CLAUDE, _talk(WORDS, *["ok"] * added, marked=True))
        assert bool(usage["cache_read_input_tokens"]) is found


def test_only_some_charge_for_what_is_written() -> None:
    charged = {
        at[0].service: _read(Caches(), at, _talk(WORDS, marked=True))["cache_creation_input_tokens"]
        for at in (CLAUDE, OPENAI, DEEPSEEK, UNCACHED)
    }
    assert {service for service, tokens in charged.items() if tokens} == {"anthropic", "openai"}


def test_short_prompts_and_models_without_a_price_for_it_are_not_cached() -> None:
    for at, body in ((DEEPSEEK, _talk("short")), (UNCACHED, _talk(WORDS))):
        caches = Caches()
        assert [_read(caches, at, body)["cache_read_input_tokens"] for _ in range(2)] == [0, 0]


def test_another_model_and_another_text_share_nothing() -> None:
    caches = Caches()
    _read(caches, DEEPSEEK, _talk(WORDS))
    other = DEEPSEEK[0], Model("reasoner", price=Price(1, 2, 0.1))
    assert _read(caches, other, _talk(WORDS))["cache_read_input_tokens"] == 0
    assert _read(caches, DEEPSEEK, _talk("Else " + WORDS))["cache_read_input_tokens"] == 0
