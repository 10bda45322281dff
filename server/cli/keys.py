"""``rolegraph keys``: make, list and revoke the keys of a home."""

from __future__ import annotations

from pathlib import Path

import typer

from server.cli.open_home import open_home
from server.keys import create_key, read_keys, write_keys


def run(action: str, option: Path | None, name: str = "", role: str = "") -> int:
    """Carry out one action on the home's key file."""
    found = open_home(option)
    if found.origin == "shipped":
        typer.echo(
            "there is no home of yours yet; make one with: rolegraph init DIR, "
            "and name it with --home DIR",
            err=True,
        )
        return 1
    home = found.path
    if action == "create":
        try:
            typer.echo(create_key(home, name, role))
        except ValueError as error:
            typer.echo(str(error), err=True)
            return 1
        return 0
    keys, problems = read_keys(home)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        return 1
    if action == "list":
        for key in keys:
            typer.echo(f"{key.name}\t{key.role or '-'}\t{key.sha256[:12]}")
        return 0
    if all(key.name != name for key in keys):
        typer.echo(f'no key named "{name}"', err=True)
        return 1
    write_keys(home, (key for key in keys if key.name != name))
    return 0
