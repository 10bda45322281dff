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


def environment(home: Path) -> Mapping[str, str]:
    """Return the process's environment, filled up from the home's ``.env``."""
    from_file = {k: v for k, v in dotenv_values(home / ".env").items() if v is not None}
    return {**from_file, **os.environ}
