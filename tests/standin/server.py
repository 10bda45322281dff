"""The stand-in itself: it listens, keeps a journal, and knows who hung up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from tests.standin.answer import Answer
from tests.standin.wire import Behaviour, Seen, Wire

Script = Sequence[Behaviour] | Callable[[Seen], Behaviour]

_PLAIN = (Answer(),)
_SETTLE = 3.0  # seconds that a proxy gets to hang up what it no longer needs


class StandIn:
    """A provider that plays ``script``: the n-th behaviour for the n-th request, then the last.

    ``requests`` is the journal, ``open_calls`` the number of calls that are
    being answered now, ``hang_ups`` how often a client left before its answer
    was complete; ``closed`` is set by the first of those. Leaving the context
    fails if a call is still open seconds later: the proxy leaked it.
    """

    def __init__(self, script: Script = _PLAIN, *, port: int = 0) -> None:
        self._script = script
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self.requests: list[Seen] = []
        self.open_calls = 0
        self.hang_ups = 0
        self.connections = 0
        self.closed = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def until(self, condition: Callable[[], bool], *, timeout: float = 5.0) -> None:
        """Wait for e.g. ``lambda: upstream.hang_ups == 3``; a ``TimeoutError`` if it never is."""
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(condition)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            with contextlib.suppress(TimeoutError):
                await self.until(lambda: self.open_calls == 0, timeout=_SETTLE)
        leaked = self.open_calls
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if error is None and leaked:
            raise AssertionError(f"{leaked} calls were left open at {self.url}")

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(Wire(reader, writer), self.connections))
        self.connections += 1
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a stand-in's behaviour failed", "exception": error}
            )

    async def _serve(self, wire: Wire, connection: int) -> None:
        try:
            while wire.open and (request := await wire.request(connection)):
                self.requests.append(request)
                await self._answer(request, wire)
        finally:
            wire.writer.close()

    async def _answer(self, request: Seen, wire: Wire) -> None:
        behaviour = self._behaviour(request)
        await self._note(calls=1)
        playing = asyncio.create_task(behaviour.play(request, wire))
        leaving = asyncio.create_task(wire.client_left())
        try:
            await asyncio.wait({playing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            now = asyncio.get_running_loop().time()
            if playing.done() and not isinstance(playing.exception(), ConnectionError):
                request.answered_at = now
                playing.result()
            else:
                wire.open = False
                request.closed_at = now
                self.hang_ups += 1
                self.closed.set()
        finally:
            playing.cancel()
            leaving.cancel()
            await asyncio.gather(playing, leaving, return_exceptions=True)
            await self._note(calls=-1)

    def _behaviour(self, request: Seen) -> Behaviour:
        if callable(self._script):
            return self._script(request)
        return self._script[min(len(self.requests), len(self._script)) - 1]

    async def _note(self, *, calls: int) -> None:
        self.open_calls += calls
        async with self._changed:
            self._changed.notify_all()
