"""Claude Code's tool loops: calls and results cross the proxy whole, and one model answers them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.claude_code import ask, bash, claude_code, tool_loop
from tests.clients.proxied import DIALECTS, proxied
from tests.clients.tool_results import results

pytestmark = claude_code


@DIALECTS
@pytest.mark.parametrize(
    "words",
    [("rolegraph-tool-ran",), ("left, \"quoted\" 'twice'", "right, ünïcode\\n")],
    ids=["one call", "two at once"],
)
async def test_it_runs_what_it_is_told_and_the_results_come_back(
    tmp_path: Path, dialect: str, words: tuple[str, ...]
) -> None:
    files = [tmp_path / f"word{index}" for index in range(len(words))]
    for file, word in zip(files, words, strict=True):
        file.write_text(word)
    script = tool_loop(*bash(*(f"cat {file}" for file in files)))
    async with proxied(tmp_path, script, dialect) as (proxy, upstream):
        ended = await ask(proxy.url, "run them", tmp_path)
    assert (ended.said, ended.failed) == ("all done", False)
    assert results(upstream.requests[0]) == []
    assert sorted(results(upstream.requests[-1])) == sorted(words)


async def test_a_signed_thought_before_a_call_comes_back_untouched(tmp_path: Path) -> None:
    # Some versions drop the thoughts of an answer that comes under another model's name.
    script = tool_loop(*bash("echo hello"), thinking="First I look around.", model="deep-model")
    async with proxied(tmp_path, script) as (proxy, upstream):
        ended = await ask(proxy.url, "look around", tmp_path, "--model", "claude-opus-4-8")
    replayed = [
        block
        for message in upstream.requests[-1].body["messages"]
        if message["role"] == "assistant"
        for block in message["content"]
    ]
    assert ended.said == "all done"
    assert replayed[0] == {
        "type": "thinking",
        "thinking": "First I look around.",
        "signature": "c3RhbmQtaW4=",
    }


@DIALECTS
async def test_the_model_stays_the_same_until_the_turn_is_over(
    tmp_path: Path, dialect: str
) -> None:
    script = tool_loop(*bash("echo quick answer"))  # the words that lead to another model
    async with proxied(tmp_path, script, dialect) as (proxy, upstream):
        await ask(proxy.url, "in plan mode, look around", tmp_path)
    turn = [request for request in upstream.requests if request.body.get("tools")]
    assert len(turn) == 2
    assert results(turn[-1]) == ["quick answer"]
    assert {request.model for request in turn} == {"deep-model"}
