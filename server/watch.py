"""Notice what changes in a home, whatever happens to its folders meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from server.home import DATA_SUFFIXES, FOLDERS
from server.keys import FILE as KEY_FILE

# A change is told once nothing more came for STEP; at the latest after DEBOUNCE.
STEP_MS = 50
DEBOUNCE_MS = 250
RETRY_SECONDS = 0.5

# The paths that changed, or None: anything may have.
Changed = Collection[Path] | None
Notify = Callable[[Changed], Awaitable[None]]


class _DataFilter(DefaultFilter):
    """Lets through the kinds of files that a home holds, and folders."""

    def __call__(self, change: Change, path: str) -> bool:
        suffix = Path(path).suffix
        return super().__call__(change, path) and (not suffix or suffix in DATA_SUFFIXES)


async def watch(
    home: Path, extra: Callable[[], Collection[Path]], notify: Notify, ready: asyncio.Event
) -> None:
    """Call ``notify`` for every change below the home's folders, until cancelled.

    ``extra`` names folders outside the home that are read too. A folder that is
    deleted and made again is watched again: the home itself is watched for that
    (not what lies below it: it may be a repository with everything in it).
    ``ready`` is set when the first watch stands.
    """
    while True:
        folders = _existing(home, extra())
        if not folders:
            await asyncio.sleep(RETRY_SECONDS)
            continue
        again = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_watch_below(folders, notify, again))
            group.create_task(_watch_home(home, notify, again))
            await asyncio.sleep(0)
            if ready.is_set():
                await notify(None)  # what changed between two watches was seen by neither
            ready.set()


def _existing(home: Path, extra: Collection[Path]) -> list[Path]:
    """Return the folders to watch; none where the home itself is gone."""
    if not home.is_dir():
        return []
    return [folder for folder in (*(home / name for name in FOLDERS), *extra) if folder.is_dir()]


async def _watch_below(folders: Collection[Path], notify: Notify, again: asyncio.Event) -> None:
    try:
        async for changes in awatch(
            *folders,
            watch_filter=_DataFilter(),
            step=STEP_MS,
            debounce=DEBOUNCE_MS,
            stop_event=again,
            ignore_permission_denied=True,
        ):
            await notify({Path(path) for _, path in changes})
    except FileNotFoundError:
        again.set()  # a folder went away while its watch was being made


async def _watch_home(home: Path, notify: Notify, again: asyncio.Event) -> None:
    try:
        async for changes in awatch(
            home,
            watch_filter=None,
            recursive=False,
            step=STEP_MS,
            debounce=DEBOUNCE_MS,
            stop_event=again,
        ):
            names = {Path(path).name for _, path in changes}
            if names & {*FOLDERS, home.name}:
                again.set()
            elif names & {KEY_FILE, ".env"}:
                await notify(None)
    except FileNotFoundError:
        again.set()
        await asyncio.sleep(RETRY_SECONDS)
