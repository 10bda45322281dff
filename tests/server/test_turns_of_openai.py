"""Turns of OpenAI's clients: one model until the tools are done, in both of their dialects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.running import make_home, running, write
from tests.standin import StandIn
from tests.talk import went

DEEP, QUICK = "first,deep-model", "second,quick-model"
MOVED = "synonyms:: plan mode\nroute:: second, quick-model\npriority:: 99"
Json = dict[str, Any]


def chat(steps: int) -> tuple[str, Json]:
    """Return a request of a chat whose turn has called so many tools."""
    messages: list[Json] = [{"role": "user", "content": "in plan mode, take steps"}]
    for step in range(steps):
        function = {"name": "look", "arguments": "{}"}
        call = {"id": f"c{step}", "type": "function", "function": function}
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": f"c{step}", "content": "quick answer"})
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    return "/v1/chat/completions", {"model": "auto", "messages": messages, "tools": [tool]}


def responses(steps: int) -> tuple[str, Json]:
    """Return a request of the Responses whose turn has called so many tools."""
    items: list[Json] = [{"role": "user", "content": "in plan mode, take steps"}]
    for step in range(steps):
        named = {"call_id": f"c{step}"}
        items.append({"type": "function_call", **named, "name": "look", "arguments": "{}"})
        items.append({"type": "function_call_output", **named, "output": "quick answer"})
    tool = {"type": "function", "name": "look", "parameters": {"type": "object"}}
    return "/v1/responses", {"model": "auto", "input": items, "tools": [tool]}


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat", "openai_responses"])
@pytest.mark.parametrize("session", ["s1", ""], ids=["named", "unnamed"])
@pytest.mark.parametrize("turn", [chat, responses])
async def test_a_turn_keeps_its_model_while_a_concept_is_edited(
    tmp_path: Path, turn: Any, session: str, dialect: str
) -> None:
    headers = {"x-session-id": session} if session else {}
    async with StandIn() as upstream:
        make_home(tmp_path, upstream.url, dialects=(dialect, dialect))
        async with running(tmp_path) as server, server.client(**headers) as client:
            by = []
            for steps in range(5):
                path, body = turn(steps)
                by.append(went(await client.post(path, json=body)))
                if steps == 1:
                    write(tmp_path, "kg/routing/think_routing.md", MOVED)
                    assert (await client.post("/api/reload")).status_code == 200
            path, body = turn(0)
            again = went(await client.post(path, json=body))
    assert by == [DEEP] * 5
    assert again == QUICK, "words that were answered and come again are a new turn"
