"""The folder ``roles/``: every role of a home, each file read once for each content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from kg.codes import problem
from kg.problem import Problem
from roles.file import read_role
from roles.role import Role
from roles.terraphim import read_terraphim

_PATTERNS = ("*.yaml", "*.yml", "role-*.json")


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
    """Read ``home/roles``; a file whose content ``previous`` knows is not parsed again."""
    known = previous.files if previous else {}
    files: dict[str, RoleFileRead] = {}
    folder = home / "roles"
    for file in sorted({file for pattern in _PATTERNS for file in folder.glob(pattern)}):
        path = file.relative_to(home).as_posix()
        content = file.read_bytes()
        digest = blake2b(content, digest_size=16).digest()
        before = known.get(path)
        files[path] = before if before and before.digest == digest else _read(path, content, digest)
    roles = tuple(role for file in files.values() for role in file.roles)
    wrong = (found for file in files.values() for found in file.problems)
    return RoleFolder(roles, (*wrong, *_same_names(roles)), files)


def _read(path: str, content: bytes, digest: bytes) -> RoleFileRead:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = problem("RG111", path, line, 1, "not UTF-8 text", "save the file as UTF-8")
        return RoleFileRead(digest, (), (wrong,))
    if path.endswith(".json"):
        return RoleFileRead(digest, *read_terraphim(text, path))
    role, problems = read_role(text, path)
    return RoleFileRead(digest, (role,) if role else (), problems)


def _same_names(roles: tuple[Role, ...]) -> Iterator[Problem]:
    taken: dict[str, Role] = {}
    for role in roles:
        for key, name in (("name", role.name), ("shortname", role.shortname)):
            first = taken.setdefault(name.lower(), role) if name else role
            if first is not role:
                message = f'the name "{name}" is taken by {first.path}'
                yield role.problem("RG103", (key,), message)
