"""Starts what the bench measures: each a process of its own, ended with its context."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

from bench.home import KEY

ROOT: Final = Path(__file__).resolve().parent.parent
_START_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running ``rolegraph serve``; ``start`` is how many seconds it took to be ready."""

    url: str
    pid: int
    start: float


@contextmanager
def upstream(events: int, interval: float) -> Iterator[str]:
    """Run the stand-in provider and yield its URL."""
    command = [sys.executable, "-m", "bench.upstream", f"--events={events}"]
    command.append(f"--interval={interval}")
    with _process(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"


@contextmanager
def server(home: Path) -> Iterator[Server]:
    """Run the server on a free port and yield it once it is ready; its log goes to a file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "rolegraph", "serve", f"--home={home}", f"--port={port}"]
    environment = {**os.environ, KEY: "bench"}
    log = home.with_suffix(".log")
    began = time.perf_counter()
    with (
        log.open("wb") as output,
        _process(command, stdout=output, stderr=output, env=environment) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        while not _ready(url):
            late = time.perf_counter() - began > _START_SECONDS
            if late or process.poll() is not None:
                raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.01)
        yield Server(url, process.pid, time.perf_counter() - began)


def load(url: str, body: Path, *, concurrency: int, requests: int) -> dict[str, Any]:
    """Run the load generator and return its report; raises if any request failed."""
    command = [sys.executable, "-m", "bench.load", url, f"--body={body}"]
    command += [f"--concurrency={concurrency}", f"--requests={requests}"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    report: dict[str, Any] = json.loads(done.stdout)
    if report["errors"]:
        raise RuntimeError(f"{report['errors']} of {report['requests']} requests to {url} failed")
    return report


@contextmanager
def _process(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, **streams: Any
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, cwd=ROOT, env=env, **streams) as process:
        try:
            yield process
        finally:
            process.kill()


def _ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/ready", timeout=1) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False
