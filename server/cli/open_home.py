"""Find the home that a command is about, and its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import typer
from dotenv import dotenv_values

from server.home import Home, HomeMissing, find_home


def open_home(option: Path | None) -> Home:
    """Return the home; ends the command with exit code 2 where the named one is none."""
    try:
        return find_home(option, os.environ, Path.cwd())
    except HomeMissing as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


class EnvFileUnreadable(OSError):
    """The home's ``.env`` is no text; raised where a file that can't be opened would be."""


def environment(home: Path) -> Mapping[str, str]:
    """Return the process's environment, filled up from the home's ``.env``. Raises ``OSError``."""
    file = home / ".env"
    try:
        values = dotenv_values(file, encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise EnvFileUnreadable(f"{file} is not UTF-8 text") from error
    return {**{name: value for name, value in values.items() if value is not None}, **os.environ}
