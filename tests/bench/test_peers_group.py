"""A server's processes are measured as one, and none of them outlives the bench."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.peers.group import cpu, free_port, members, running
from bench.process import ROOT

# Listens once a child of its own has worked for 0.3 s of CPU; both then stay.
PARENT = """
import os, signal, socket, sys, time
read, write = os.pipe()
if not os.fork():
    while time.process_time() < 0.3: pass
    os.write(write, b"done")
    signal.pause()
os.read(read, 4)
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
signal.pause()
"""
ALONE = """
import signal, socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
signal.pause()
"""
BENCH = """
import signal, sys
from pathlib import Path
from bench.peers.group import running
with running(sys.argv[2:], int(sys.argv[1]), Path.cwd(), {}) as session:
    print(session, flush=True)
    signal.pause()
"""


def _ended(processes: list[int]) -> None:
    """Wait for the end of processes, as descriptors; fails if one lives for 10 s more."""
    for process in processes:
        ready, _, _ = select.select([process], [], [], 10)
        os.close(process)
        assert ready


def test_a_servers_children_are_measured_and_ended_with_it(tmp_path: Path) -> None:
    port = free_port()
    with running([sys.executable, "-c", PARENT, str(port)], port, tmp_path, {}) as session:
        assert cpu(session) >= 0.28  # the kernel counts in ticks of 10 ms
        both = [os.pidfd_open(process) for process in members(session)]
        assert len(both) == 2
    _ended(both)


def test_a_server_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such model')"]
    with pytest.raises(RuntimeError, match="no such model"):
        with running(command, free_port(), tmp_path, {}):
            pass


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_no_server_outlives_a_bench_that_is_ended(how: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    bench = [sys.executable, "-c", BENCH, str(port), sys.executable, "-c", ALONE, str(port)]
    with subprocess.Popen(
        bench,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        server = os.pidfd_open(int(process.stdout.readline()))
        process.send_signal(how)
        _ended([server])
