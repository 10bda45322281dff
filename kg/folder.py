"""Folders of concept files, read again only where something has changed."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISREG
from types import MappingProxyType
from typing import Final

from kg.codes import problem
from kg.concept import Concept
from kg.parse import parse
from kg.problem import Problem
from kg.thesaurus import read_thesaurus
from kg.walk import Found, walk

# Nobody writes 5 MB of prose by hand; 200,000 synonyms as a thesaurus are 20 MB.
LARGEST: Final = {".md": 5_000_000, ".json": 100_000_000}

_NEVER_READ: Final = (0, -1)


@dataclass(frozen=True, slots=True)
class Source:
    """One file: what it says, and what tells whether it has changed since.

    ``path`` is relative to the home, with forward slashes, and absolute for a
    file outside. ``stamp`` is modification time in nanoseconds and size. A
    folder is a source only where it has a problem of its own.
    """

    path: str
    stamp: tuple[int, int]
    digest: bytes = b""
    concepts: tuple[Concept, ...] = ()
    problems: tuple[Problem, ...] = ()


_NOTHING: Final[Mapping[str, Source]] = MappingProxyType({})


def load(
    home: Path,
    folders: Iterable[str],
    previous: Mapping[str, Source] = _NOTHING,
    changed: Collection[str] | None = None,
) -> dict[str, Source]:
    """Return the sources below ``kg/<folder>`` of the home, by path and in its order.

    The folder ``""`` or ``"."`` is all of ``kg/``; an absolute one may lie
    anywhere, and only markdown is read there. A file is read if its stamp is
    not that of ``previous``, and parsed if its content is not. With
    ``changed``, paths of files or folders, nothing else is looked at: the
    folders must be those of ``previous``. What can't be read is a problem of
    its source; what is gone is gone.
    """
    home = Path(os.path.abspath(home))  # noqa: PTH100  # resolve() would follow links
    roots = _by_name(home, (home / "kg" / folder for folder in folders))
    touched = roots if changed is None else _by_name(home, (home / path for path in changed))
    loaded = {} if changed is None else _without(touched, previous)
    for found in _look(roots, touched):
        name = _name(found.file, home)
        if name in loaded:
            continue
        # A clock too coarse to tell two edits apart must not hide the one that was reported.
        reported = changed is not None and name in touched
        source = _source(found, name, previous.get(name), stamped=not reported)
        if source is not None:
            loaded[name] = source
    return {name: loaded[name] for name in sorted(loaded)}


def source_name(home: Path, folder: str | Path) -> str:
    """Return a folder's path as its sources have it; a leading ``~`` is the user's own folder."""
    home = Path(os.path.abspath(home))  # noqa: PTH100  # as above
    return _name(Path(os.path.normpath(home / Path(folder).expanduser())), home)


def _look(roots: Mapping[str, Path], touched: Mapping[str, Path]) -> Iterator[Found]:
    """Yield what is both touched and below a root, possibly twice."""
    for name, root in sorted(roots.items()):
        if _is_below(name, touched):
            starts = [root]
        else:
            starts = [touched[path] for path in sorted(touched) if _is_below(path, {name})]
        suffixes = LARGEST if _is_below(name, {"kg"}) else {".md"}
        for start in starts:
            yield from walk(start, root, suffixes)


def _by_name(home: Path, paths: Iterable[Path]) -> dict[str, Path]:
    plain = (Path(os.path.normpath(path)) for path in paths)
    return {_name(path, home): path for path in plain}


def _name(path: Path, home: Path) -> str:
    """Return the path as a source has it; what is no text in a file name is made printable."""
    # relative_to() takes apart both paths anew, which is a third of what a file costs unread.
    name, above = path.as_posix(), home.as_posix()
    name = "." if name == above else name.removeprefix(f"{above.rstrip('/')}/")
    return name.encode(errors="surrogateescape").decode(errors="replace")


def _without(touched: Iterable[str], sources: Mapping[str, Source]) -> dict[str, Source]:
    """Return the sources that are none of these and lie below none."""
    kept = dict(sources)
    folders = {name for name in touched if kept.pop(name, None) is None}
    if not folders:  # as where a file was edited that was there
        return kept
    gone: dict[str, bool] = {}
    for name in sources:
        above = name[: name.rfind("/") + 1]
        if above not in gone:
            gone[above] = _is_below(posixpath.dirname(name) or ".", folders)
        if gone[above]:
            kept.pop(name, None)
    return kept


def _is_below(name: str, folders: Container[str]) -> bool:
    """Tell whether the name is one of these or lies below one."""
    while name not in folders:
        above = posixpath.dirname(name) or "."
        if above == name:
            return False
        name = above
    return True


def _source(found: Found, path: str, before: Source | None, *, stamped: bool) -> Source | None:
    """Return the file's source, the one from before if it still holds, ``None`` if it is gone.

    Only where ``stamped`` the file's stamp is trusted to tell that nothing has changed.
    """
    try:
        if isinstance(found.stat, OSError):
            raise found.stat
        if found.again:
            message = "this link leads to a folder that is already read"
            return _failed(path, "RG021", message, "remove the link")
        if not S_ISREG(found.stat.st_mode):
            return None
        stamp = (found.stat.st_mtime_ns, found.stat.st_size)
        if before and before.stamp == stamp and stamped:
            return before
        limit = LARGEST[found.file.suffix.lower()]
        if found.stat.st_size > limit:
            message = f"{found.stat.st_size:,} bytes are more than the {limit:,} allowed"
            return _failed(path, "RG020", message, "split the file")
        data = found.file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return _failed(path, "RG022", error.strerror or str(error), "")
    digest = hashlib.blake2b(data, digest_size=16).digest()
    if before and before.digest == digest:
        return replace(before, stamp=stamp)
    return _read(path, stamp, digest, data)


def _failed(path: str, code: str, message: str, hint: str) -> Source:
    """Return a source that the next load looks at again: its mending may leave no stamp."""
    return Source(path, _NEVER_READ, problems=(problem(code, path, 1, 1, message, hint),))


def _read(path: str, stamp: tuple[int, int], digest: bytes, data: bytes) -> Source:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        wrong = problem("RG001", path, line, column, "not UTF-8 text", "save the file as UTF-8")
        return Source(path, stamp, digest, problems=(wrong,))
    reader = read_thesaurus if path.lower().endswith(".json") else parse
    concepts, problems = reader(text, path)
    return Source(path, stamp, digest, concepts, problems)
