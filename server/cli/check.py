"""``rolegraph check``: every problem of a home, at once."""

from __future__ import annotations

import json
from pathlib import Path

import typer

import kg.folder
from kg.lint import lint
from kg.problem import Problem
from server.cli.open_home import environment, open_home
from server.snapshot import build


def run(option: Path | None, as_json: bool) -> int:  # noqa: FBT001 - as the command line has it
    """Print the problems; 0 where there are none, 1 otherwise."""
    problems = problems_of(open_home(option).path)
    if as_json:
        typer.echo(json.dumps([problem.as_dict() for problem in problems], indent=2))
    else:
        for problem in problems:
            typer.echo(str(problem))
        errors = sum(problem.severity == "error" for problem in problems)
        summary = f"{_count(errors, 'error')}, {_count(len(problems) - errors, 'warning')}"
        typer.echo(summary if problems else "No problems.")
    return 1 if problems else 0


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def problems_of(home: Path) -> list[Problem]:
    """Return the problems of the files, of their references, and the lint of the concepts."""
    _, found = build(home, environment(home))
    sources = kg.folder.load(home, ("",)).values()
    concepts = [concept for source in sources for concept in source.concepts]
    return sorted({*found, *lint(concepts)})
