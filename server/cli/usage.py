"""``rolegraph usage``: what was used, read from the database itself."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from server.cli.open_home import open_home
from server.cli.table import print_table
from server.demo import demo_settings
from server.settings import read_settings
from server.storage.database import Database, StorageGone
from server.storage.place import DATABASE, database_url, state_folder
from server.usage.date import span_of
from server.usage.export import to_csv
from server.usage.report import Group, Sum, columns, groups_of, sums, total


def run(
    option: Path | None,
    by: str,
    since: str,
    until: str,
    *,
    simulate: bool,
    as_json: bool,
    as_csv: bool,
) -> int:
    """Print the sums; 1 where they can't be had."""
    home = open_home(option).path
    try:
        groups = groups_of(by)
        settings = read_settings(home)
        if simulate:
            settings = demo_settings(home, settings)
        state = state_folder(home, settings.state)
        if not settings.database_url and not (state / DATABASE).exists():
            other = "" if simulate else "; what a demo wrote down: rolegraph usage --simulate"
            typer.echo(f"nothing is written down yet in {state}{other}", err=True)
            return 1
        url = database_url(state, settings.database_url)
        now = time.time()
        begin, end = span_of(since, until, now)
        found = asyncio.run(_sums(url, groups, begin, end))
    except (ValueError, StorageGone) as error:
        typer.echo(str(error), err=True)
        return 1
    rows = [each.as_dict(groups) for each in found]
    if as_csv:
        typer.echo(to_csv(rows, columns(groups)), nl=False)
    elif as_json:
        typer.echo(json.dumps({"rows": rows, "total": total(found).as_dict(())}, indent=2))
    else:
        print_table(_table(groups, found))
    return 0


async def _sums(url: str, groups: Sequence[Group], since: float, until: float) -> list[Sum]:
    database = Database(url)
    try:
        return await sums(database, groups, since=since, until=until)
    finally:
        await database.close()


def _table(groups: Sequence[Group], found: Sequence[Sum]) -> Table:
    rows: list[dict[str, Any]] = [each.as_dict(groups) for each in found]
    blank: dict[str, Any] = dict.fromkeys(groups, "")
    whole = blank | total(found).as_dict(())
    if groups:
        whole[groups[0]] = "total"
    table = Table(box=None)
    for name in whole:
        known = name in groups
        table.add_column(name.replace("_", " "), justify="left" if known else "right")
    # The same number of decimals everywhere: points stand below one another.
    places = max(len(row["usd"].partition(".")[2]) for row in (*rows, whole))
    for row in (*rows, whole):
        dollars, _, rest = row["usd"].partition(".")
        shown = {**row, "usd": f"{dollars}.{rest:0<{places}}"}
        table.add_row(*(str(value) or "-" for value in shown.values()))
    return table
