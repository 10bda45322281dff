"""A server and all processes that it starts: measured as one, and gone with the bench."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from bench.cpu import usage

_START_SECONDS: Final = 60.0
# The kernel ends the server if the bench is killed and can't. TERM and not KILL, since
# nginx's master must live to end its worker.
_LEASH: Final = ("setpriv", "--pdeathsig", "TERM", "--")


@contextmanager
def running(
    command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str]
) -> Iterator[int]:
    """Run a server in its own session until the context ends, and yield the session's id.

    Ready is when it takes connections; raises RuntimeError if that lasts a
    minute. Its home, its temporary files and its log are in the folder, and it
    knows nothing of our environment but the PATH.
    """
    own = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), **environment}
    log = folder / "output.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*_LEASH, *command],
            cwd=folder,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as process,
    ):
        try:
            until = time.perf_counter() + _START_SECONDS
            while not _listening(port):
                if process.poll() is not None or time.perf_counter() > until:
                    raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
                time.sleep(0.02)
            yield process.pid
        finally:
            with suppress(ProcessLookupError):  # all of them are gone already
                os.killpg(process.pid, signal.SIGKILL)


def cpu(session: int) -> float:
    """Return the CPU seconds of all processes of a session, those that ended left out."""
    total = 0.0
    for process in members(session):
        with suppress(ProcessLookupError, FileNotFoundError):  # it has ended since
            total += usage(process).cpu
    return total


def members(session: int) -> list[int]:
    """Return the processes of a session."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(ProcessLookupError):  # it ended while we looked
                if os.getsid(int(folder.name)) == session:
                    found.append(int(folder.name))
    return found


def free_port() -> int:
    """Return a port that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
