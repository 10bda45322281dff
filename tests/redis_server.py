"""A real Redis on a socket of its own, that can be killed, frozen and started anew."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = shutil.which("redis-server")

needs_redis = pytest.mark.skipif(PROGRAM is None, reason="redis-server is not installed")


class RedisServer:
    """One that keeps nothing on disk: started anew, it is empty."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        """Start it, and return when it answers."""
        assert PROGRAM is not None
        options = f"--port 0 --unixsocket {self._socket} --dir {self._socket.parent}"
        self._process = subprocess.Popen(
            [PROGRAM, *options.split(), "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < end, "redis-server does not answer"
            time.sleep(0.01)

    def kill(self) -> None:
        """End it as a crash does: what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        """Let it hang: connections stay, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on with what it was asked meanwhile."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        """Forget everything that is kept, but not the scripts."""
        self.ask("FLUSHALL")

    def ask(self, command: str) -> int:
        """Return the answer to a command that answers with a number; else 0."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(self._socket))
            asking.sendall(f"{command}\r\n".encode())
            answer = asking.recv(64)
        return int(answer[1:]) if answer.startswith(b":") else 0

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as asking:
            try:
                asking.connect(str(self._socket))
            except OSError:
                return False
            asking.sendall(b"PING\r\n")
            return asking.recv(16).startswith(b"+PONG")


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run one until the block ends; a socket's path must be short, so not below pytest's."""
    with tempfile.TemporaryDirectory(prefix="redis") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
