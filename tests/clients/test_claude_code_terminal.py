"""Claude Code before a person: its terminal shows the answers of the proxy."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.clients.claude_code import claude_code, environment
from tests.clients.proxied import proxied
from tests.clients.terminal import TMUX, terminal
from tests.standin import Answer

pytestmark = [
    *claude_code,
    pytest.mark.skipif(TMUX is None, reason="tmux is not installed: no `tmux` on PATH"),
]

KEY = "sk-ant-dummy-of-a-person"
PROMPT = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"


def at_home(folder: Path) -> Path:
    """Return a home of somebody who has answered the questions of the first start."""
    folder.mkdir()
    answered = {
        "hasCompletedOnboarding": True,
        "theme": "dark",
        "customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []},
        "projects": {str(folder): {"hasTrustDialogAccepted": True}},
    }
    (folder / ".claude.json").write_bytes(orjson.dumps(answered))
    return folder


async def test_a_person_types_a_prompt_and_reads_the_answer(tmp_path: Path) -> None:
    home = at_home(tmp_path / "user")
    said = "Good morning, Grüße, 你好."
    async with proxied(tmp_path, [Answer(text=said)]) as (proxy, upstream):
        environ = environment(proxy.url, home, ANTHROPIC_API_KEY=KEY)
        async with terminal(home, environ, "claude") as screen:
            await screen.until(PROMPT)
            await screen.type("say good morning")
            await screen.until("Good morning, Grüße")
    assert any("say good morning" in seen.raw.decode() for seen in upstream.requests)
