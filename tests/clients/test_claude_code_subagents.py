"""Claude Code's subagents may have a model of their own, as claude-code-router's users write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.claude_code import ask, claude_code
from tests.clients.proxied import proxied
from tests.clients.tool_results import results
from tests.standin import Answer, Behaviour, Seen, ToolCall

pytestmark = claude_code

SCOUT = """\
---
name: scout
description: Finds things.
---
<CCR-SUBAGENT-MODEL>second,deep-model</CCR-SUBAGENT-MODEL>
You find things.
"""


def script(seen: Seen) -> Behaviour:
    if "You find things." in seen.raw.decode() or results(seen):
        return Answer(text="found")
    task = {"description": "find", "prompt": "find my keys", "subagent_type": "scout"}
    return Answer(text="", calls=(ToolCall("Agent", task),))


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])
async def test_the_tag_in_an_agents_file_names_its_model_and_goes_no_further(
    tmp_path: Path, dialect: str
) -> None:
    agent = tmp_path / "user/.claude/agents/scout.md"
    agent.parent.mkdir(parents=True)
    agent.write_text(SCOUT)
    async with proxied(tmp_path, script, dialect) as (proxy, upstream):
        ended = await ask(proxy.url, "let the scout find my keys", tmp_path / "user")
    scouts = {
        ("You find things." in seen.raw.decode(), seen.body["model"]) for seen in upstream.requests
    }
    assert ended.said == "found"
    assert scouts == {(False, "plain-model"), (True, "deep-model")}
    assert not any(b"CCR-SUBAGENT-MODEL" in seen.raw for seen in upstream.requests)
