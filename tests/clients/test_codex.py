"""Codex CLI finishes its work through the proxy, whatever the provider behind it speaks."""

from __future__ import annotations

from pathlib import Path

from tests.clients.codex import ask, codex, shell
from tests.clients.proxied import DIALECTS, proxied
from tests.clients.tool_results import results
from tests.standin import Answer, Behaviour, DieMidStream, Seen, ToolCall

pytestmark = codex

# Models by whose names Codex decides which tools it offers.
WITH_PATCHES = "gpt-5.5"
WITH_CODE_MODE = "gpt-6-sol"

PATCH = '*** Begin Patch\n*** Add File: made.txt\n+a "quoted" line\\n\n*** End Patch\n'


def calling(*calls: ToolCall, thinking: str = "") -> list[Behaviour]:
    """Return a script: one call after the other, then "all done"."""
    asked = [Answer(text="", calls=(call,), thinking=thinking) for call in calls]
    return [*asked, Answer(text="all done")]


@DIALECTS
async def test_three_calls_one_after_another_change_the_same_file(
    tmp_path: Path, dialect: str
) -> None:
    steps = shell("echo one > steps", "echo two >> steps", "cat steps")
    async with proxied(tmp_path, calling(*steps), dialect) as (proxy, upstream):
        ended = await ask(proxy.url, "take three steps", tmp_path / "work")
    assert (ended.said, ended.failed) == ("all done", False), ended.log
    assert (tmp_path / "work/steps").read_text() == "one\ntwo\n"
    *_, last = results(upstream.requests[-1])
    assert "one\ntwo\n" in last


@DIALECTS
async def test_two_calls_at_once_are_both_run(tmp_path: Path, dialect: str) -> None:
    both = Answer(text="Two at once.", calls=shell("echo left", "echo right"))
    async with proxied(tmp_path, [both, Answer(text="all done")], dialect) as (proxy, upstream):
        ended = await ask(proxy.url, "run both", tmp_path / "work")
    assert ended.said == "all done", ended.log
    left, right = results(upstream.requests[-1])
    assert "left" in left
    assert "right" in right


@DIALECTS
async def test_w64_a_freeform_patch_of_any_model_is_applied(tmp_path: Path, dialect: str) -> None:
    """Codex's freeform `apply_patch`, and a model that isn't OpenAI's -> a function tool on the way
    out, freeform on the way back, and the patch is applied."""
    patch = ToolCall("apply_patch", {"input": PATCH}, "call_0")
    async with proxied(tmp_path, calling(patch), dialect) as (proxy, upstream):
        ended = await ask(proxy.url, "make the file", tmp_path / "work", model=WITH_PATCHES)
    assert ended.said == "all done", ended.log
    assert (tmp_path / "work/made.txt").read_text() == 'a "quoted" line\\n\n'
    assert "made.txt" in results(upstream.requests[-1])[0]


@DIALECTS
async def test_code_mode_runs_what_any_model_writes(tmp_path: Path, dialect: str) -> None:
    program = 'const r = await tools.exec_command({cmd: "echo from-code"}); text(r.output)'
    run = ToolCall("exec", {"input": program}, "call_0")
    async with proxied(tmp_path, calling(run), dialect) as (proxy, upstream):
        ended = await ask(proxy.url, "run it", tmp_path / "work", model=WITH_CODE_MODE)
    assert ended.said == "all done", ended.log
    assert "from-code" in results(upstream.requests[-1])[0]


async def test_its_configured_header_picks_the_role(tmp_path: Path) -> None:
    async with proxied(tmp_path, [Answer()]) as (proxy, upstream):
        ended = await ask(proxy.url, "say hi", tmp_path / "work", role="cheap")
    assert ended.said == Answer().text, ended.log
    assert {request.body["model"] for request in upstream.requests} == {"cheap-model"}


async def test_a_websocket_is_asked_for_once_and_then_never_again(tmp_path: Path) -> None:
    async with proxied(tmp_path, calling(*shell("echo hi"))) as (proxy, upstream):
        ended = await ask(proxy.url, "run it", tmp_path / "work")
    assert ended.said == "all done"
    assert ended.log.count("connecting to Responses WebSocket") == 1, ended.log
    assert len(upstream.requests) == 2


async def test_claudes_signed_thinking_comes_back_with_its_signature(tmp_path: Path) -> None:
    script = calling(*shell("echo hi"), thinking="First I look around.")
    async with proxied(tmp_path, script) as (proxy, upstream):
        ended = await ask(proxy.url, "look around", tmp_path / "work")
    assert ended.said == "all done", ended.log
    (replayed,) = [
        message["content"]
        for message in upstream.requests[-1].body["messages"]
        if message["role"] == "assistant"
    ]
    assert replayed[0] == {
        "type": "thinking",
        "thinking": "First I look around.",
        "signature": "c3RhbmQtaW4=",
    }


@DIALECTS
async def test_it_asks_again_after_a_stream_that_died_midway(tmp_path: Path, dialect: str) -> None:
    script: list[Behaviour] = [DieMidStream(after=6), Answer(text="all done")]
    async with proxied(tmp_path, script, dialect) as (proxy, upstream):
        ended = await ask(proxy.url, "say hi", tmp_path / "work")
    assert (ended.said, ended.failed) == ("all done", False), ended.log
    assert len(upstream.requests) == 2


async def test_the_model_stays_the_same_until_the_turn_is_over(tmp_path: Path) -> None:
    def script(seen: Seen) -> Behaviour:
        quick = shell("echo quick answer")  # the words that lead to another model
        return Answer(text="all done") if results(seen) else Answer(text="", calls=quick)

    async with proxied(tmp_path, script) as (proxy, upstream):
        ended = await ask(proxy.url, "in plan mode, look around", tmp_path / "work")
    assert ended.said == "all done", ended.log
    assert {request.body["model"] for request in upstream.requests} == {"deep-model"}
