"""A function of the user's own, in a thread of its own: it may be slow, wrong, or never end."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from threading import Thread
from traceback import walk_tb
from typing import Any

Work = Callable[[], Any]
Calls = SimpleQueue[tuple[Future[Any], Work] | None]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call came to nothing."""

    reason: str


class OwnThread:
    """Calls one function, one call at a time, and never lets a request wait for long.

    The thread starts with the first call and ends when nothing holds this any
    more; the process does not wait for it. ``path`` is the file of the function.
    """

    def __init__(self, function: Callable[..., Any], path: str) -> None:
        self._function = function
        self._path = path
        self._calls: Calls = SimpleQueue()
        self._thread: Thread | None = None
        self._late: Future[Any] | None = None
        weakref.finalize(self, self._calls.put, None)

    async def ask(self, *arguments: Any, seconds: float) -> Any | Failure:
        """Return what the function does, or why it does not.

        While a call goes on that nobody waits for any more, no other is made.
        """
        if self._late and not self._late.done():
            return Failure("is still busy with an earlier request")
        if self._thread is None:
            self._thread = Thread(target=_run, args=(self._calls,), name=self._path, daemon=True)
            self._thread.start()
        future: Future[Any] = Future()
        self._calls.put((future, partial(_call, self._function, self._path, *arguments)))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), seconds)
        except TimeoutError:
            return Failure(f"took over {seconds * 1000:.0f} ms")
        finally:
            if not future.cancel() and not future.done():
                self._late = future


def _run(calls: Calls) -> None:
    """Work through the calls; it holds on to nothing of them, nor to who makes them."""
    while _made(calls.get()):
        pass


def _made(call: tuple[Future[Any], Work] | None) -> bool:
    if call is None:
        return False
    future, work = call
    if future.set_running_or_notify_cancel():
        future.set_result(work())
    return True


def _call(function: Callable[..., Any], path: str, *arguments: Any) -> Any | Failure:
    try:
        return function(*arguments)
    except BaseException as error:  # noqa: BLE001 - the user's code may raise anything, SystemExit too
        # Not its message: that may hold what a user wrote.
        lines = [
            f" in line {line}"
            for frame, line in walk_tb(error.__traceback__)
            if frame.f_code.co_filename == path
        ]
        return Failure("".join((f"raised {type(error).__name__}", *lines[-1:])))
