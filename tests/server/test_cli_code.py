"""``code``: Claude Code, with an environment that leads it here."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from server.cli.code import claude_environment
from tests.server.program import PROGRAM, run

URL = "http://127.0.0.1:3456"


def test_it_is_led_here_and_everything_else_is_left_alone() -> None:
    assert claude_environment({"PATH": "/bin", "ANTHROPIC_MODEL": "m"}, None, URL) == {
        "PATH": "/bin",
        "ANTHROPIC_MODEL": "m",
        "ANTHROPIC_BASE_URL": URL,
        "ANTHROPIC_AUTH_TOKEN": "rolegraph",
        "CLAUDE_CODE_GATEWAY_HINT_HEADERS": "1",
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1",
    }


@pytest.mark.parametrize(
    ("given", "key", "token"),
    [
        ({"ANTHROPIC_API_KEY": "mine"}, "mine", None),
        ({"ANTHROPIC_AUTH_TOKEN": "mine"}, None, "mine"),
        ({"ANTHROPIC_API_KEY": ""}, "", "rolegraph"),
        ({"ROLEGRAPH_KEY": "rg-1"}, None, "rg-1"),
        ({"ROLEGRAPH_KEY": "rg-1", "ANTHROPIC_API_KEY": "mine"}, "mine", "rg-1"),
        ({"ROLEGRAPH_KEY": "rg-1", "ANTHROPIC_AUTH_TOKEN": "mine"}, None, "rg-1"),
    ],
)
def test_the_key_is_ours_where_there_is_one_and_the_users_otherwise(
    given: dict[str, str], key: str | None, token: str | None
) -> None:
    made = claude_environment(dict(given), None, URL)
    assert (made.get("ANTHROPIC_API_KEY"), made.get("ANTHROPIC_AUTH_TOKEN")) == (key, token)


def test_the_role_joins_the_headers_that_the_user_has_set() -> None:
    name = "ANTHROPIC_CUSTOM_HEADERS"
    assert claude_environment({}, "fast", URL)[name] == "x-rolegraph-role: fast"
    assert claude_environment({name: "x-a: 1"}, "fast", URL)[name] == (
        "x-a: 1\nx-rolegraph-role: fast"
    )


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A path on which ``claude`` tells what it was given."""
    fake = tmp_path / "bin/claude"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\nfor each in "$@"; do echo "argument $each"; done\nenv\nexit 7\n')
    fake.chmod(0o755)
    return f"{fake.parent}{os.pathsep}{os.environ['PATH']}"


def test_the_program_gets_its_own_arguments_and_its_exit_code_is_ours(
    tmp_path: Path, path: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        ended = run(
            *("code", "--role", "fast", "--url", url, "-p", "say hi", "--help"),
            cwd=tmp_path,
            PATH=path,
        )
        after = run("code", "--url", url, "--", "--role", "theirs", cwd=tmp_path, PATH=path)
    assert ended.returncode == 7
    assert ended.stdout.startswith("argument -p\nargument say hi\nargument --help\n")
    assert f"\nANTHROPIC_BASE_URL={url}\n" in ended.stdout
    assert "\nANTHROPIC_CUSTOM_HEADERS=x-rolegraph-role: fast\n" in ended.stdout
    assert after.stdout.startswith("argument --role\nargument theirs\n")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:9", "Connection refused"),
        ("http://127.0.0.1:nine", "Port could not be cast to integer value as 'nine'"),
    ],
)
def test_where_nobody_serves_it_says_so_and_starts_nothing(
    tmp_path: Path, path: str, url: str, why: str
) -> None:
    ended = run("code", "--url", url, cwd=tmp_path, PATH=path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"no Rolegraph at {url}: {why}; start it first: rolegraph serve\n"


def test_where_it_is_not_installed_the_way_to_it_is_told(tmp_path: Path) -> None:
    ended = run("code", cwd=tmp_path, PATH=str(Path(PROGRAM).parent))
    assert ended.returncode == 127
    assert "npm install -g @anthropic-ai/claude-code" in ended.stderr
