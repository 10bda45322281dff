"""Which files a folder holds: links followed, hidden ones left out, no folder twice."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR


@dataclass(frozen=True, slots=True)
class Found:
    """A file with what the system says of it; a folder only where it can't be walked.

    ``again`` marks a folder that has been walked already, by another name.
    """

    file: Path
    stat: os.stat_result | OSError
    again: bool = False


def walk(start: Path, root: Path, suffixes: Collection[str]) -> Iterator[Found]:
    """Yield, in the order of their paths, the files with such a suffix at or below ``start``.

    ``start`` is ``root`` or lies below it, as the user spells both: what is
    hidden below the root is left out, and a link that leads back up is found out.
    """
    below = start.relative_to(root)
    if any(part.startswith(".") for part in below.parts):
        return
    walked: set[tuple[int, int]] = set()
    for above in (root / parent for parent in below.parents if start != root):
        try:
            walked.add(_identity(above.stat()))
        except OSError:
            return  # where a parent is gone, so is the start
    pending = [start]
    while pending:
        path = pending.pop()
        try:
            stat = path.stat()
            if not S_ISDIR(stat.st_mode):
                if path.suffix.lower() in suffixes:
                    yield Found(path, stat)
                continue
            if _identity(stat) in walked:
                yield Found(path, stat, again=True)
                continue
            walked.add(_identity(stat))
            with os.scandir(path) as entries:
                names = [entry.name for entry in entries if _is_wanted(entry, suffixes)]
        except OSError as error:
            yield Found(path, error)
            continue
        pending += [path / name for name in sorted(names, reverse=True)]


def _identity(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_dev, stat.st_ino


def _is_wanted(entry: os.DirEntry[str], suffixes: Collection[str]) -> bool:
    if entry.name.startswith("."):
        return False
    maybe_folder = entry.is_symlink() or entry.is_dir(follow_symlinks=False)
    return maybe_folder or entry.name.lower().endswith(tuple(suffixes))
