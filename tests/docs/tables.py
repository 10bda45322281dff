"""The tables of the documentation that the code can write itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, get_args

import click
import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from haystacks import errors
from haystacks.errors import MATRIX, RolegraphError, Rule, UpstreamError
from haystacks.form import HaystackForm
from haystacks.presets import PRESETS
from haystacks.transformers.table import KINDS
from roles.file import RoleFile, Routing
from roles.role import Part
from roles.terraphim import TerraphimConfig, TerraphimRole
from roles.weights import WEIGHTS
from server.cli.main import app
from server.settings import Settings
from tests.docs.wire_cases import wire_cases


def settings() -> str:
    """Return every setting with its default."""
    return _table(
        ("Variable", "Default", "Meaning"),
        (
            (f"`ROLEGRAPH_{name.upper()}`", _default(field), _prose(field.description or ""))
            for name, field in Settings.model_fields.items()
        ),
    )


def commands() -> str:
    """Return every command with its arguments and options."""
    return _table(
        ("Command", "Options", "What it does"),
        (
            (
                f"`rolegraph {' '.join((*path, *_arguments(command)))}`",
                " ".join(f"`{name}`" for name in options(command)),
                _prose(command.help or ""),
            )
            for path, command in walk_commands()
        ),
    )


def walk_commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each command by the words that call it."""

    def below(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
        inner: Mapping[str, Any] = getattr(command, "commands", {})
        if not inner:
            yield path, command
        for name, each in inner.items():
            yield from below(each, (*path, name))

    return below(typer.main.get_command(app), ())


def options(command: click.Command) -> list[str]:
    """Return the options of a command."""
    return [p.opts[0] for p in command.params if p.param_type_name == "option"]


def _arguments(command: click.Command) -> list[str]:
    return [p.name.upper() for p in command.params if p.param_type_name == "argument" and p.name]


def role_keys() -> str:
    """Return every key of a role file."""
    return _keys(RoleFile)


def terraphim_keys() -> str:
    """Return every key of a Terraphim role or configuration beyond those of a role file."""
    own = [row for row in field_rows(TerraphimRole) if row[0] not in Routing.model_fields]
    config = [row for row in field_rows(TerraphimConfig) if "." not in row[0]]
    return _key_table(row for row in (*own, *config) if not _of_routing(row[0]))


def _of_routing(path: str) -> bool:
    return re.split(r"[.\[]", path)[0] in Routing.model_fields


def haystack_keys() -> str:
    """Return every key of a haystack file."""
    return _keys(HaystackForm)


def presets() -> str:
    """Return every service that a haystack file can name."""
    return _table(
        ("Service", "Speaks", "Location", "Key"),
        (
            (
                f"`{name}`",
                f"`{preset.dialect}`",
                f"`{preset.location}`" if preset.location else "yours to give",
                f"`{preset.key_variable}`" if preset.key_variable else "none",
            )
            for name, preset in PRESETS.items()
            if name != "simulated"
        ),
    )


def transformers() -> str:
    """Return every transformer with what it promises and the options it takes."""
    return _table(
        ("Transformer", "What it does", "Options"),
        (
            (f"`{kind.name}`", _prose(kind.promise), _options_of(kind.options))
            for kind in KINDS.values()
        ),
    )


def _options_of(form: type[BaseModel]) -> str:
    if form.model_config.get("extra") == "allow":
        return _prose(form.__doc__ or "")
    return " ".join(
        f"`{name}`{' (required)' if field.is_required() else ''}: {_prose(field.description or '')}"
        for name, field in form.model_fields.items()
    )


def error_table() -> str:
    """Return every error that is no failure of an attempt."""
    leaves = [
        each
        for each in vars(errors).values()
        if isinstance(each, type)
        and issubclass(each, RolegraphError)
        and not issubclass(each, UpstreamError)
        and each is not RolegraphError
    ]
    return _table(
        ("Error", "What happened", "Status"),
        ((f"`{leaf.__name__}`", _prose(leaf.__doc__ or ""), str(leaf.status)) for leaf in leaves),
    )


def retry_matrix() -> str:
    """Return what follows from each failure of an attempt."""
    return _table(
        ("Error", "What happened", "Status", "Tried next", "Counts against", "Rests"),
        (
            (
                f"`{leaf.__name__}`",
                _prose(leaf.__doc__ or ""),
                str(rule.status) if rule.status else "the upstream's",
                _NEXT[rule.next],
                "" if rule.blamed == "nobody" else f"the {rule.blamed}",
                _rests(rule),
            )
            for leaf, rule in MATRIX.items()
        ),
    )


_NEXT: Final = {
    "nothing": "nothing",
    "key": "another key, another candidate",
    "candidate": "another candidate",
    "window": "a larger window",
}


def _rests(rule: Rule) -> str:
    if rule.rests == "nothing":
        return ""
    what = {"key": "the key", "key+model": "the key, for this model", "model": "the model"}
    return f"{what[rule.rests]}, {f'{rule.seconds:g} s' if rule.seconds else '`retry-after`'}"


def wire_case_table() -> str:
    """Return every wire case with the tests that hold it."""
    return _table(
        ("Case", "What happens", "What is seen", "Test"),
        (
            (case.number, case.happens, case.seen, f"[{case.test}](../{case.file})")
            for case in wire_cases()
        ),
    )


def _keys(model: type[BaseModel]) -> str:
    return _key_table(field_rows(model))


def _key_table(found: Iterable[tuple[str, FieldInfo]]) -> str:
    return _table(
        ("Key", "Default", "Meaning"),
        ((f"`{path}`", _default(field), _prose(field.description or "")) for path, field in found),
    )


def field_rows(model: type[BaseModel], prefix: str = "") -> list[tuple[str, FieldInfo]]:
    """Return each key of a model by its path: ``timeouts.connect``, ``models[].id``."""
    found: list[tuple[str, FieldInfo]] = []
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        found.append((path, field))
        for inner, step in _models(field.annotation, "."):
            found += field_rows(inner, f"{path}{step}")
    return found


def _models(annotation: Any, step: str) -> Iterator[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, step
    container = getattr(annotation, "__origin__", None)
    inside = {list: "[].", dict: ".<name>."}.get(container, step) if container else step
    for argument in get_args(annotation):
        yield from _models(argument, inside)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value == "" or isinstance(value, BaseModel):
        return ""
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _prose(text: str) -> str:
    """Return one line of a docstring or description as markdown."""
    return text.split("\n", maxsplit=1)[0].replace("``", "`").replace("<", r"\<")


def weights() -> str:
    """Return how much each part of a score counts, by strategy."""
    parts = get_args(Part)
    return _table(
        ("Strategy", *(f"`{part}`" for part in parts)),
        (
            (f"`{strategy}`", *(f"{own[part]:g}" for part in parts))
            for strategy, own in WEIGHTS.items()
        ),
    )


def _table(head: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("--",) * len(head), *body]
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    text = "\n".join(f"| {' | '.join(line)} |" for line in cells)
    return text.replace("| -- ", "|--").replace("|-- |", "|--|").replace("|  |", "| |")


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "settings": settings,
    "commands": commands,
    "role keys": role_keys,
    "terraphim keys": terraphim_keys,
    "haystack keys": haystack_keys,
    "presets": presets,
    "transformers": transformers,
    "errors": error_table,
    "retry matrix": retry_matrix,
    "weights": weights,
    "wire cases": wire_case_table,
}
# A table stands between "<!-- table: name -->" and "<!-- end -->".
MARKED: Final = re.compile(r"(<!-- table: ([\w ]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def with_tables(text: str) -> str:
    """Return a page with each marked table as the code has it now."""
    return MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n{found[4]}", text)
