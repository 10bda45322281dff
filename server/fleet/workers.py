"""Several processes that serve on one socket, and one that sees to it that they do."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from types import FrameType
from typing import Final

import structlog

# A worker that can't even begin should not keep the machine busy with beginning.
PAUSE_SECONDS: Final = 0.5

_STOPS: Final = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger("rolegraph.workers")


@dataclass(frozen=True, slots=True)
class Worker:
    """One of the processes; ``anew``: it takes the place of one that died."""

    parent: int
    anew: bool

    @property
    def abandoned(self) -> bool:
        """Whether the process is gone that would tell it to stop."""
        return os.getppid() != self.parent


def fork_workers(count: int, listener: socket.socket) -> Worker | None:
    """Return a worker in each of so many new processes; in this one ``None``, when all have ended.

    One that dies is replaced. SIGTERM and SIGINT let all of them come to their
    end; ``listener`` is closed here then, so that it closes with their own.
    What is in memory already is shared by all, until one of them writes to it.
    """
    parent, workers = os.getpid(), set[int]()
    stopping = Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()
        listener.close()
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    for number in _STOPS:
        signal.signal(number, stop)
    anew = False
    while True:
        while len(workers) < count and not stopping.is_set():
            # The new one must not get a signal while it still has this one's way with signals.
            signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
            pid = os.fork()
            if not pid:
                return _begin(Worker(parent, anew))
            workers.add(pid)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
            if stopping.is_set():
                os.kill(pid, signal.SIGTERM)
        if not workers:
            return None
        pid, status = os.wait()
        workers.discard(pid)
        if not stopping.is_set():
            anew = True
            code = os.waitstatus_to_exitcode(status)
            log.error("a worker died: another takes its place", pid=pid, code=code)


def _begin(worker: Worker) -> Worker:
    for number in _STOPS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    if worker.anew:
        time.sleep(PAUSE_SECONDS)
    return worker
