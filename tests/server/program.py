"""The real console script, as a user starts it; and its commands in this process, for speed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from server.cli.main import app

PROGRAM = str(Path(sys.executable).parent / "rolegraph")


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without anything that is ours, or a key."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ROLEGRAPH_", "ANTHROPIC_", "CLAUDE")) and "_API_KEY" not in name
    }
    return {**kept, "COLUMNS": "200", **more}


def invoke(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command that only looks at files, without the cost of another process."""
    absent = dict.fromkeys(os.environ.keys() - environment().keys())
    with chdir(cwd):
        ended = CliRunner().invoke(app, arguments, env={**absent, "COLUMNS": "200", **variables})
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return subprocess.CompletedProcess(arguments, ended.exit_code, ended.stdout, ended.stderr)


def run(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [PROGRAM, *arguments],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@dataclass(slots=True)
class Started:
    """A server in its own process; ``said`` is what it printed until it served."""

    process: subprocess.Popen[str]
    said: str
    url: str

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=20)


@contextmanager
def started(*arguments: str, cwd: Path, **variables: str) -> Iterator[Started]:
    """Start a server on a free port and wait until it says where it serves."""
    process = subprocess.Popen(
        [PROGRAM, *arguments, "--port", "0"],
        cwd=cwd,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        while "ANTHROPIC_BASE_URL=" not in said:
            line = process.stdout.readline()
            assert line, f"it ended with {process.wait()}: {said}"
            said += line
        found = re.search(r"http://\S+", said)
        assert found is not None, said
        yield Started(process, said, found[0])
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
