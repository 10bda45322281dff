"""The folder ``roles/``: every role of a home, each file read once for each content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from kg.codes import problem
from kg.folder import source_name
from kg.problem import Problem
from roles.file import read_role
from roles.role import Role
from roles.terraphim import read_terraphim

_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class RoleFileRead:
    """What one file held when its content had this hash."""

    digest: bytes
    roles: tuple[Role, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class RoleFolder:
    """The roles of a home in the order of their paths, and what is wrong with their files."""

    roles: tuple[Role, ...]
    problems: tuple[Problem, ...]
    files: Mapping[str, RoleFileRead]


def load(home: Path, previous: RoleFolder | None = None) -> RoleFolder:
    """Read ``home/roles``; a file whose content ``previous`` knows is not parsed again.

    A file that vanishes meanwhile was never there.
    """
    known = previous.files if previous else {}
    files: dict[str, RoleFileRead] = {}
    for file in _files(home / "roles"):
        path = file.relative_to(home).as_posix()
        read = _read_file(home, file, path, known.get(path))
        if read is not None:
            files[path] = read
    roles = tuple(role for file in files.values() for role in file.roles)
    wrong = (found for file in files.values() for found in file.problems)
    return RoleFolder(roles, (*wrong, *_same_names(roles)), files)


def _files(folder: Path) -> list[Path]:
    try:
        found = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(file for file in found if _is_role(file.name) and not file.is_dir())


def _is_role(name: str) -> bool:
    """Tell whether a file holds a role. Editors keep half-written copies in hidden files."""
    if name.startswith("."):
        return False
    return name.endswith(_YAML) or (name.startswith("role-") and name.endswith(".json"))


def _read_file(
    home: Path, file: Path, path: str, before: RoleFileRead | None
) -> RoleFileRead | None:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        wrong = problem("RG100", path, 1, 1, f"the file can't be read: {error.strerror}")
        return RoleFileRead(b"", (), (wrong,))
    digest = blake2b(content, digest_size=16).digest()
    return before if before and before.digest == digest else _read(home, path, content, digest)


def _read(home: Path, path: str, content: bytes, digest: bytes) -> RoleFileRead:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = problem("RG111", path, line, 1, "not UTF-8 text", "save the file as UTF-8")
        return RoleFileRead(digest, (), (wrong,))
    roles: tuple[Role, ...]
    if path.endswith(".json"):
        roles, problems = read_terraphim(text, path)
    else:
        role, problems = read_role(text, path)
        roles = (role,) if role else ()
    placed = (
        replace(role, kg=tuple(source_name(home, folder) for folder in role.kg)) for role in roles
    )
    return RoleFileRead(digest, tuple(placed), problems)


def _same_names(roles: tuple[Role, ...]) -> Iterator[Problem]:
    taken: dict[str, Role] = {}
    for role in roles:
        for key, name in (("name", role.name), ("shortname", role.shortname)):
            first = taken.setdefault(name.lower(), role) if name else role
            if first is not role:
                message = f'the name "{name}" is taken by {first.path}'
                yield role.problem("RG103", (key,), message)
