"""A hedged request: where the first answer is late, a second is asked for beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def hedged(
    first: Coroutine[Any, Any, T | None],
    second: Callable[[], Coroutine[Any, Any, T | None]],
    seconds: float,
    drop: Callable[[T], Awaitable[None]],
) -> T | None:
    """Return whichever brings something sooner; ``None`` if neither does.

    ``second`` is begun when ``first`` has taken so many seconds. The one that loses
    is cancelled, and has let go of what it held when this returns; what it
    brought in the same moment is dropped. An exception of either is raised.
    """
    tasks = {asyncio.create_task(first)}
    won: T | None = None
    try:
        done, running = await asyncio.wait(tasks, timeout=seconds)
        if not done:
            running.add(asyncio.create_task(second()))
            tasks |= running
        while True:
            for task in done:
                won = task.result() if won is None else won
            if won is not None or not running:
                return won
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        except asyncio.CancelledError:
            won = None  # whoever asked leaves: nobody takes it any more
            raise
        finally:
            for task in tasks:
                brought = None if task.cancelled() or task.exception() else task.result()
                if brought is not None and brought is not won:
                    await drop(brought)
