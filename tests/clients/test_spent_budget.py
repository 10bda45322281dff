"""A spent budget, as the real programs tell it, and at once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.clients import claude_code, codex
from tests.running import ROLE, Running, make_home, running, write
from tests.standin import StandIn

WORDS = "the daily budget of role coder, $0.00, is spent; it is renewed at 00:00 UTC"


@asynccontextmanager
async def spent(folder: Path) -> AsyncIterator[tuple[Running, StandIn]]:
    async with StandIn() as upstream:
        home = make_home(folder / "home", upstream.url)
        write(home, "roles/coder.yaml", ROLE + "    budget: {daily_usd: 0}\n")
        async with running(home) as proxy:
            yield proxy, upstream


class TestClaudeCode:
    pytestmark = claude_code.claude_code

    async def test_it_ends_at_once_and_says_why(self, tmp_path: Path) -> None:
        began = time.monotonic()
        async with spent(tmp_path) as (proxy, upstream):
            ended = await claude_code.ask(proxy.url, "say hi", tmp_path / "user")
        assert ended.failed
        assert WORDS in ended.said
        assert time.monotonic() - began < 20
        assert not upstream.requests


class TestCodex:
    pytestmark = codex.codex

    async def test_it_ends_and_says_so_in_words_of_its_own(self, tmp_path: Path) -> None:
        async with spent(tmp_path) as (proxy, upstream):
            ended = await codex.ask(proxy.url, "say hi", tmp_path / "work")
        assert ended.failed
        assert "Quota exceeded" in ended.log, "the type insufficient_quota, and no other, does that"
        assert not upstream.requests
