"""Codex CLI, the real program, driven without a person."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.standin import ToolCall

PROGRAM = shutil.which("codex")

codex = [
    pytest.mark.client,
    pytest.mark.skipif(PROGRAM is None, reason="Codex CLI is not installed: no `codex` on PATH"),
]

# A run takes about two seconds; its own retries may add some.
TIME_LIMIT = 45

_CONFIG = """
model = "{model}"
model_provider = "rolegraph"
analytics.enabled = false
features.plugins = false

[model_providers.rolegraph]
name = "Rolegraph"
base_url = "{url}/v1"
env_key = "ROLEGRAPH_KEY"
wire_api = "responses"
supports_websockets = true
http_headers = {{ "x-rolegraph-role" = "{role}" }}
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """What the program said at its end, what it logged on its way, and whether it failed."""

    said: str
    log: str
    failed: bool


async def ask(
    url: str, prompt: str, folder: Path, *, model: str = "auto", role: str = "coder"
) -> Ended:
    """Run ``codex exec`` against ``url``, with ``folder`` as its home and working folder.

    It may run everything. Fails if the program does not end in time.
    """
    assert PROGRAM is not None
    home = folder / ".codex"
    home.mkdir(parents=True)
    config = _CONFIG.format(model=model, url=url, role=role)
    (home / "config.toml").write_text(config, encoding="utf-8")
    program = await asyncio.create_subprocess_exec(
        PROGRAM,
        "exec",
        "--skip-git-repo-check",
        "--dangerously-bypass-approvals-and-sandbox",
        prompt,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "ROLEGRAPH_KEY": "any",
            "RUST_LOG": "codex_api=info",
        },
        cwd=folder,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(TIME_LIMIT):
            printed, log = await program.communicate()
    finally:
        if program.returncode is None:
            os.killpg(program.pid, signal.SIGKILL)
            await program.wait()
    return Ended(printed.decode().strip(), log.decode(), program.returncode != 0)


def shell(*commands: str) -> tuple[ToolCall, ...]:
    """Return calls of the program's shell."""
    return tuple(
        ToolCall("exec_command", {"cmd": command}, f"call_{index}")
        for index, command in enumerate(commands)
    )
