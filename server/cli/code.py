"""``rolegraph code``: Claude Code with its environment set for us."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from typing import Final
from urllib.parse import urlsplit

import typer

CONNECT_SECONDS: Final = 5


def run(arguments: list[str], role: str | None, url: str) -> int:
    """Replace this process by Claude Code; its arguments and exit code are its own."""
    program = shutil.which("claude")
    if program is None:
        typer.echo(
            "claude is not installed; get it with: npm install -g @anthropic-ai/claude-code",
            err=True,
        )
        return 127
    if trouble := _unreachable(url):
        typer.echo(f"no Rolegraph at {url}: {trouble}; start it first: rolegraph serve", err=True)
        return 1
    environ = claude_environment(dict(os.environ), role, url)
    sys.stdout.flush()
    return os.execve(program, [program, *arguments], environ)  # noqa: S606 - the user's own


def _unreachable(url: str) -> str:
    """Return why nobody can be asked at the URL; empty where somebody listens.

    Claude Code itself would try ten times before it says so.
    """
    try:
        at = urlsplit(url)
        port = at.port or (443 if at.scheme == "https" else 80)
        with socket.create_connection((at.hostname or "", port), CONNECT_SECONDS):
            return ""
    except ValueError as error:
        return str(error)
    except OSError as error:
        return error.strerror or str(error)


def claude_environment(environ: dict[str, str], role: str | None, url: str) -> dict[str, str]:
    """Return the environment that makes Claude Code talk to us, its own settings kept.

    The hint headers tell turns and subagents apart. A key is needed before it
    starts at all: ours where ``ROLEGRAPH_KEY`` names one, or else whatever the
    user has set.
    """
    environ["ANTHROPIC_BASE_URL"] = url
    environ["CLAUDE_CODE_GATEWAY_HINT_HEADERS"] = "1"
    environ["CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"] = "1"
    if key := environ.get("ROLEGRAPH_KEY"):
        environ["ANTHROPIC_AUTH_TOKEN"] = key
    elif not environ.get("ANTHROPIC_API_KEY"):
        environ.setdefault("ANTHROPIC_AUTH_TOKEN", "rolegraph")
    if role:
        header = f"x-rolegraph-role: {role}"
        others = environ.get("ANTHROPIC_CUSTOM_HEADERS", "")
        environ["ANTHROPIC_CUSTOM_HEADERS"] = f"{others}\n{header}" if others else header
    return environ
