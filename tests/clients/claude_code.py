"""Claude Code, the real program, driven without a person."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from tests.clients.tool_results import results
from tests.standin import Answer, Behaviour, Seen, ToolCall

PROGRAM = shutil.which("claude")

claude_code = [
    pytest.mark.client,
    pytest.mark.skipif(PROGRAM is None, reason="Claude Code is not installed: no `claude` on PATH"),
]

# A run takes about a second; its own retries may add some.
TIME_LIMIT = 45


@dataclass(frozen=True, slots=True)
class Ended:
    """What the program printed at its end: its last words, and whether they are an error."""

    said: str
    failed: bool


async def ask(url: str, prompt: str, folder: Path, *arguments: str, **variables: str) -> Ended:
    """Run ``claude -p`` against ``url``, with ``folder`` as its home and working folder.

    It may use every tool. ``variables`` are added to its environment, which is
    otherwise empty. Fails if the program does not end in time.
    """
    assert PROGRAM is not None
    folder.mkdir(exist_ok=True)
    command = [PROGRAM, "-p", prompt, "--output-format", "json", "--dangerously-skip-permissions"]
    program = await asyncio.create_subprocess_exec(
        *command,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(url, folder, **variables),
        cwd=folder,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(TIME_LIMIT):
            printed, complaint = await program.communicate()
    finally:
        if program.returncode is None:
            os.killpg(program.pid, signal.SIGKILL)
            await program.wait()
    assert printed, complaint.decode()
    result = orjson.loads(printed)
    return Ended(result["result"], result["is_error"])


def environment(url: str, folder: Path, **variables: str) -> dict[str, str]:
    """Return all that the program finds in its environment, with ``folder`` as its home."""
    return {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "IS_SANDBOX": "1",  # it refuses to run tools as root outside of one
        "DISABLE_TELEMETRY": "1",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "sk-ant-dummy",
        **variables,
    }


def bash(*commands: str) -> tuple[ToolCall, ...]:
    """Return calls of the program's shell, with ids ``toolu_0`` and on."""
    return tuple(
        ToolCall("Bash", {"command": command, "description": "as told"}, f"toolu_{index}")
        for index, command in enumerate(commands)
    )


def tool_loop(*calls: ToolCall, thinking: str = "", model: str = "") -> Callable[[Seen], Behaviour]:
    """Return a script: call the tools until their results are there, then say "all done"."""

    def script(seen: Seen) -> Behaviour:
        if results(seen):
            return Answer(text="all done")
        return Answer(text="", calls=calls, thinking=thinking, model=model)

    return script


def first_time(behaviour: Behaviour, then: Behaviour) -> Callable[[Seen], Behaviour]:
    """Return a script: ``behaviour`` for the first request of a conversation, then the other."""
    begun = False

    def script(seen: Seen) -> Behaviour:
        nonlocal begun
        if begun or not seen.body.get("tools"):
            return then
        begun = True
        return behaviour

    return script
