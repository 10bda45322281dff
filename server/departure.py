"""The client's leaving: told by the connection, and the end of all work for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from starlette.types import Scope

_KEY = "rolegraph.departure"


class ClientLeft(Exception):
    """The client closed the connection; nobody is there to be told."""


class Departure:
    """Of one connection: tells its listener, at once, when the client closes it.

    ASGI's own way, a task that waits in ``receive()``, costs a tenth of a whole
    request. ``gone`` says that it has happened.
    """

    __slots__ = ("_listener", "gone")

    def __init__(self) -> None:
        self.gone = False
        self._listener: Callable[[], object] | None = None

    def listen(self, listener: Callable[[], object] | None) -> None:
        """Call the listener, instead of any before it, when the client leaves; ``None``: nobody."""
        self._listener = listener
        if self.gone and listener is not None:
            listener()

    def happen(self) -> None:
        """Tell that the client has left."""
        self.gone = True
        if self._listener is not None:
            self._listener()

    def show(self, scope: Scope) -> None:
        """Make this the departure of a request."""
        scope[_KEY] = self


def departure_of(scope: Scope) -> Departure:
    """Return the departure of a request's connection; a foreign server never tells of one."""
    departure: Departure = scope.get(_KEY) or Departure()
    return departure


class WhileClientStays:
    """Cancels the work inside ``with`` as soon as the client leaves.

    Without this, a whole answer would be paid for and then thrown away. The
    block then raises ``ClientLeft``.
    """

    __slots__ = ("_departure", "_left", "_work")

    def __init__(self, departure: Departure) -> None:
        self._departure = departure
        self._left = False

    def __enter__(self) -> None:
        self._work = asyncio.current_task()
        self._departure.listen(self._leave)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._departure.listen(None)
        if self._left and self._work is not None:
            still_cancelled = self._work.uncancel()
            if kind is asyncio.CancelledError and not still_cancelled:
                raise ClientLeft from error

    def _leave(self) -> None:
        if self._work is not None and not self._left:
            self._left = True
            self._work.cancel()
