"""The home: the folder whose files the user edits."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

FOLDERS = ("kg", "roles", "haystacks")
DATA_SUFFIXES = frozenset({".md", ".yaml", ".yml", ".json"})

Origin = Literal["option", "environment", "parent", "user", "shipped"]


@dataclass(frozen=True, slots=True)
class Home:
    """Where the configuration is, and how it was found."""

    path: Path
    origin: Origin


class HomeMissing(Exception):
    """The folder that was asked for is no home."""


def shipped() -> Path:
    """Return the folder that holds the shipped data: the one that holds our packages."""
    return Path(__file__).resolve().parent.parent


def find_home(option: Path | None, environ: Mapping[str, str], cwd: Path) -> Home:
    """Return the home: the option, ``$ROLEGRAPH_HOME``, the nearest parent of ``cwd`` that
    holds ``roles/`` and ``kg/``, the user's config folder, or the shipped data.

    Raises ``HomeMissing`` where the option or the variable names no home.
    """  # noqa: D205 - the promise is one sentence
    if option is not None:
        return Home(_existing(option, "--home"), "option")
    if named := environ.get("ROLEGRAPH_HOME"):
        return Home(_existing(Path(named).expanduser(), "ROLEGRAPH_HOME"), "environment")
    for folder in (cwd, *cwd.parents):
        if is_home(folder):
            return Home(folder.resolve(), "parent")
    user = Path(platformdirs.user_config_dir("rolegraph"))
    if is_home(user):
        return Home(user, "user")
    return Home(shipped(), "shipped")


def is_home(folder: Path) -> bool:
    """Tell whether a folder holds ``roles/`` and ``kg/``."""
    return (folder / "roles").is_dir() and (folder / "kg").is_dir()


def _existing(folder: Path, source: str) -> Path:
    if not is_home(folder):
        raise HomeMissing(
            f"{source}: {folder} holds no roles/ and kg/; make it a home: rolegraph init {folder}"
        )
    return folder.resolve()


def make_home(target: Path) -> list[Path]:
    """Copy the shipped data into a new home; a file that is there already is kept.

    Returns the files that were written.
    """
    written: list[Path] = []
    source = shipped()
    for folder in FOLDERS:
        for file in sorted((source / folder).rglob("*")):
            if file.suffix not in DATA_SUFFIXES or not file.is_file():
                continue
            copy = target / file.relative_to(source)
            if copy.exists():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
            written.append(copy)
    return written
