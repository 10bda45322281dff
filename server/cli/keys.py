"""``rolegraph keys``: make, list and revoke the keys of a home."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import typer
from pydantic import ValidationError

from haystacks.form import LimitsForm
from roles.budget_form import BudgetForm
from roles.folder import load
from roles.resolve import by_name
from server.cli.open_home import open_home
from server.keys import ClientKey, create_key, read_keys, without_role, write_keys
from server.usage.date import moment_of

# What bounds a key, by the names in its file; None was not given.
Bounds = Mapping[str, float | None]


def run(
    action: str,
    option: Path | None,
    name: str = "",
    *,
    role: str = "",
    budget: Bounds | None = None,
    limits: Bounds | None = None,
    expires: str = "",
) -> int:
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
            typer.echo(_create(home, name, role, budget or {}, limits or {}, expires))
        except ValidationError as error:
            wrong = error.errors()[0]
            typer.echo(f"--{str(wrong['loc'][0]).replace('_', '-')}: {wrong['msg']}", err=True)
            return 1
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
            typer.echo(_line(key))
        return 0
    if all(key.name != name for key in keys):
        typer.echo(f'no key named "{name}"', err=True)
        return 1
    write_keys(home, (key for key in keys if key.name != name))
    return 0


def _create(home: Path, name: str, role: str, budget: Bounds, limits: Bounds, expires: str) -> str:
    """Make a key of what was given. Raises ``ValueError`` for what can't be meant."""
    for unknown in without_role([ClientKey(name, "", role)], by_name(load(home).roles)):
        raise ValueError(f"--role: {unknown.message}; the roles: rolegraph roles")
    ends = None
    if expires:
        now = time.time()
        ends = datetime.fromtimestamp(moment_of(expires, now, ahead=True), UTC).replace(
            microsecond=0
        )
        if ends.timestamp() <= now:
            raise ValueError(f"--expires: {expires} is over already")
    given = any(each is not None for each in budget.values())
    return create_key(
        home,
        name,
        role,
        budget=BudgetForm.model_validate(dict(budget)).budget() if given else None,
        limits=LimitsForm.model_validate(dict(limits)).limits(),
        expires=ends,
    )


def _line(key: ClientKey) -> str:
    """Return what is known of a key, in columns between tabs."""
    budget, limits = key.budget, key.limits
    spent = {"daily $": budget.daily_usd, "monthly $": budget.monthly_usd} if budget else {}
    bounds = {
        "requests/min ": limits.requests_per_minute,
        "tokens/min ": limits.tokens_per_minute,
        "usd/min ": limits.usd_per_minute,
        "at once ": limits.concurrency,
    }
    ends = key.expires.isoformat() if key.expires else "never"
    cells = (key.name, key.role or "-", key.sha256[:12], _told(spent), _told(bounds), ends)
    return "\t".join(cells)


def _told(bounds: Bounds) -> str:
    """Return the bounds that there are."""
    told = [f"{name}{each:.12g}" for name, each in bounds.items() if each is not None]
    return ", ".join(told) or "-"
