"""``rolegraph roles``: the roles of a home."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.table import Table

from server.api.management import describe
from server.cli.open_home import environment, open_home
from server.cli.table import print_table
from server.role_of import default_role
from server.snapshot import build


def run(option: Path | None, as_json: bool) -> int:  # noqa: FBT001 - as the command line has it
    """Print the roles; 1 where the home has errors."""
    home = open_home(option).path
    snapshot, problems = build(home, environment(home))
    if snapshot is None:
        for problem in problems:
            typer.echo(str(problem), err=True)
        return 1
    if as_json:
        typer.echo(json.dumps([describe(view) for view in snapshot.views.values()], indent=2))
        return 0
    table = Table(box=None)
    for heading in ("role", "strategy", "default model", "patterns", "what it is for"):
        table.add_column(heading)
    for view in snapshot.views.values():
        role = view.role
        name = (
            f"{role.name} (default)" if role.name.lower() == default_role(snapshot) else role.name
        )
        chain = role.scenarios.get("default", ())
        model = f"{chain[0].haystack},{chain[0].model}" if chain else "-"
        table.add_row(name, role.strategy, model, str(view.rolegraph.size), role.description)
    print_table(table)
    return 0
