"""Build the next snapshot while the last one serves, and swap them in one step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

import structlog

from kg.problem import Problem, has_errors
from server.gateway import Gateway
from server.reload_state import ReloadState
from server.snapshot import build, merged
from server.watch import Changed

log = structlog.get_logger("rolegraph.reload")

# Asked anew for each reload: the home's .env is one of the files.
Environ = Callable[[], Mapping[str, str]]

# Merging the small automaton into the big one holds the interpreter; it waits
# until no request came for this long.
IDLE_SECONDS = 5.0


class Reloader:
    """Keeps the gateway's snapshot in step with the home's files."""

    def __init__(self, gateway: Gateway, environ: Environ) -> None:
        self._gateway = gateway
        self._environ = environ
        self._building = asyncio.Lock()
        self._missed = False

    async def reload(self, changed: Changed = None) -> ReloadState:
        """Build and swap; an error in any file keeps the last good snapshot serving.

        ``changed`` names the files to look at; without it all are looked at.
        After a reload that did not come to an end all are, whatever is named:
        nothing of what changed then is in the snapshot that serves.
        """
        gateway = self._gateway
        async with self._building:
            started = time.perf_counter()
            before = gateway.snapshot
            if self._missed:
                changed = None
            self._missed = True
            snapshot, problems = await asyncio.to_thread(
                build, before.home, self._environ(), previous=before, changed=changed
            )
            ok = snapshot is not None
            if snapshot is not None:
                gateway.snapshot = snapshot
                gateway.health.forget(before.haystacks.keys() - snapshot.haystacks.keys())
                self._missed = False
            state = ReloadState(
                ok,
                gateway.snapshot.generation,
                datetime.now(UTC),
                round((time.perf_counter() - started) * 1000, 1),
                problems,
            )
            _log(state, news=set(problems) - set(gateway.reload.problems))
            gateway.reload = state
        return state

    async def notice(self, changed: Changed) -> None:
        """Reload because the watch says so; what the system won't let us read is logged."""
        try:
            await self.reload(changed)
        except OSError:
            log.exception("reload failed, the last good configuration serves on")

    def watched(self) -> Collection[Path]:
        """Return the folders outside the home that its files name."""
        return self._gateway.snapshot.outside

    async def merge_when_idle(self) -> None:
        """Merge edits into the big automaton whenever the server has nothing to do; forever."""
        gateway = self._gateway
        while True:
            await asyncio.sleep(IDLE_SECONDS)
            idle = time.monotonic() - gateway.last_request > IDLE_SECONDS
            if idle and not gateway.in_flight and gateway.snapshot.can_merge:
                async with self._building:
                    gateway.snapshot = await asyncio.to_thread(merged, gateway.snapshot)


def _log(state: ReloadState, news: set[Problem]) -> None:
    for problem in sorted(news):
        tell = log.error if problem.severity == "error" else log.warning
        tell(str(problem))
    if has_errors(state.problems):
        log.error(
            "reload refused, the last good configuration serves on", generation=state.generation
        )
    else:
        log.info("reloaded", generation=state.generation, ms=state.ms)
