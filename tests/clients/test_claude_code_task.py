"""Claude Code does a task of several steps, whatever the provider behind the proxy speaks."""

from __future__ import annotations

from pathlib import Path

from tests.clients.claude_code import ask, bash, claude_code
from tests.clients.proxied import DIALECTS, proxied
from tests.clients.tool_results import results
from tests.standin import Answer, Behaviour, Seen

pytestmark = claude_code


@DIALECTS
async def test_three_calls_one_after_another_change_the_same_file(
    tmp_path: Path, dialect: str
) -> None:
    file = tmp_path / "steps"
    steps = bash(f"echo one > {file}", f"echo two >> {file}", f"cat {file}")

    def script(seen: Seen) -> Behaviour:
        done = len(results(seen))
        return Answer(text="", calls=(steps[done],)) if done < 3 else Answer(text="all done")

    async with proxied(tmp_path, script, dialect) as (proxy, upstream):
        ended = await ask(proxy.url, "take three steps", tmp_path)
    assert (ended.said, ended.failed) == ("all done", False)
    assert file.read_text() == "one\ntwo\n"
    assert results(upstream.requests[-1])[-1] == "one\ntwo"
