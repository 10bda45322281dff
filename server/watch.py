"""Notice what changes in a home, whatever happens to its folders meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path

import structlog
from watchfiles import Change, DefaultFilter, awatch
from watchfiles._rust_notify import WatchfilesRustInternalError

from haystacks.transformers.own import FOLDER as OWN_TRANSFORMERS
from server.custom_router import FILE as ROUTER_FILE
from server.home import DATA_SUFFIXES, FOLDERS
from server.keys import FILE as KEY_FILE

log = structlog.get_logger("rolegraph.watch")

_SUFFIXES = {*DATA_SUFFIXES, ".py"}

# A change is told once nothing more came for STEP; at the latest after DEBOUNCE.
STEP_MS = 50
DEBOUNCE_MS = 250
LOOK_SECONDS = 0.5

# The paths that changed, or None: anything may have.
Changed = Collection[Path] | None
Notify = Callable[[Changed], Awaitable[None]]


class _DataFilter(DefaultFilter):
    """Lets through the kinds of files that a home holds, and folders.

    What is gone can't be asked any more whether it was a folder.
    """

    def __call__(self, change: Change, path: str) -> bool:
        if not super().__call__(change, path):
            return False
        file = Path(path)
        wanted = not file.suffix or file.suffix.lower() in _SUFFIXES
        return wanted or change is Change.deleted or file.is_dir()


async def watch(
    home: Path, extra: Callable[[], Collection[Path]], notify: Notify, ready: asyncio.Event
) -> None:
    """Call ``notify`` for every change below the home's folders, until cancelled.

    ``extra`` names folders outside the home that are read too. A folder that is
    deleted and made again is watched again, and so is one that is named anew.
    Where the system has no more watches to give, the folders are polled.
    ``ready`` is set when the first watch stands.
    """

    def folders() -> dict[Path, int]:
        every = (*(home / name for name in (*FOLDERS, OWN_TRANSFORMERS)), *extra())
        return {folder: folder.stat().st_ino for folder in every if folder.is_dir()}

    polling = False
    while True:
        again, watched = asyncio.Event(), folders()
        try:
            async with asyncio.TaskGroup() as group:
                if watched:
                    group.create_task(_watch_below(watched, notify, again, polling=polling))
                group.create_task(_look_at(home, folders, watched, notify, again))
                await asyncio.sleep(0)
                if ready.is_set():
                    await notify(None)  # what changed between two watches was seen by neither
                ready.set()
        except* FileNotFoundError:
            await asyncio.sleep(LOOK_SECONDS)  # a folder went away while its watch was being made
        except* (OSError, WatchfilesRustInternalError) as group_error:
            log.warning("can't watch, polling instead", error=str(group_error.exceptions[0]))
            polling = True
            await asyncio.sleep(LOOK_SECONDS)


async def _watch_below(
    folders: Collection[Path], notify: Notify, again: asyncio.Event, *, polling: bool
) -> None:
    changes_below = awatch(
        *folders,
        watch_filter=_DataFilter(),
        step=STEP_MS,
        debounce=DEBOUNCE_MS,
        stop_event=again,
        ignore_permission_denied=True,
        force_polling=polling or None,  # None leaves it to WATCHFILES_FORCE_POLLING
    )
    async for changes in changes_below:
        paths = {Path(path) for _, path in changes}
        if not paths.isdisjoint(folders):
            again.set()  # it was deleted, and its watch with it, even if it is there again
        # Kubernetes swaps a mounted folder by one hidden link, and no file in it is named.
        swapped = any(path.name.startswith("..") for path in paths)
        await notify(None if swapped else paths)
        if not paths.isdisjoint(folders):
            again.set()  # a folder made anew is another one, even where it gets the same number


async def _look_at(
    home: Path,
    folders: Callable[[], Mapping[Path, int]],
    watched: Mapping[Path, int],
    notify: Notify,
    again: asyncio.Event,
) -> None:
    """Look now and then at what is not watched: which folders there are, and the home's own files.

    The home itself may be a repository, and hold a log that grows with each request.
    """
    before = _stamps(home)
    while not again.is_set():
        await asyncio.sleep(LOOK_SECONDS)
        if folders() != watched:
            again.set()
        if (now := _stamps(home)) != before:
            before = now
            await notify(None)


def _stamps(home: Path) -> list[tuple[int, int] | None]:
    """Return modification time and size of the home's own files; ``None`` for what is not there."""
    stamps: list[tuple[int, int] | None] = []
    for name in (KEY_FILE, ROUTER_FILE, ".env"):
        try:
            found = (home / name).stat()
        except FileNotFoundError:
            stamps.append(None)
        else:
            stamps.append((found.st_mtime_ns, found.st_size))
    return stamps
