"""``rolegraph schema``: what an editor needs to complete role and haystack files."""

from __future__ import annotations

import json

import typer
from pydantic import BaseModel

from haystacks.form import HaystackForm
from roles.file import RoleFile


def run(kind: str) -> int:
    """Print the schema of one kind of file."""
    forms: dict[str, type[BaseModel]] = {"role": RoleFile, "haystack": HaystackForm}
    if kind not in forms:
        typer.echo(f'no schema "{kind}"; there are: {", ".join(sorted(forms))}', err=True)
        return 2
    typer.echo(json.dumps(forms[kind].model_json_schema(), indent=2))
    return 0
