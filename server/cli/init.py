"""``rolegraph init``: a home of one's own."""

from __future__ import annotations

from pathlib import Path

import typer

from server.home import make_home


def run(folder: Path) -> int:
    """Copy what is shipped and say what to do next."""
    written = make_home(folder)
    if not written:
        typer.echo(f"{folder} is a home already; nothing was changed")
        return 0
    typer.echo(f"{len(written)} files written to {folder}")
    typer.echo(f"try it:    rolegraph demo --home {folder}")
    typer.echo(f"then edit: {folder / 'kg' / 'routing'}")
    return 0
