"""Transformers that users write themselves: ``transformers/<name>.py`` below the home.

Such a file defines ``def transform(request, ...)``: it takes the body on its
way to the provider, and the options that the haystack's file gives as further
arguments, and returns the body to send.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, create_model

from haystacks.dialect import Json
from haystacks.own_code import not_allowed, run_file
from haystacks.transformer import Kind, Kinds, Target, Transformer
from haystacks.transformers.table import KINDS
from kg.codes import problem
from kg.problem import Problem

FOLDER: Final = "transformers"

Read = Kind[Any] | Problem


@dataclass(frozen=True, slots=True)
class OwnTransformers:
    """Those of a home, ours included, and what is wrong with the user's files.

    ``plain`` are those that need no options, made, so that a concept may name
    them. ``sources`` remember what each file said, for the next load.
    """

    kinds: Kinds
    plain: Mapping[str, Transformer] = field(repr=False)
    problems: tuple[Problem, ...] = ()
    sources: Mapping[str, tuple[bytes, Read]] = field(default_factory=dict, repr=False)


def load(home: Path, previous: OwnTransformers | None, *, allowed: bool) -> OwnTransformers:
    """Return the transformers of a home; a file is run where code is allowed, and once.

    Its name must be one that we have not taken. A file that fails is a problem.
    A folder that is a Python package is not the user's: it lies beside us where
    all packages are installed.
    """
    folder = home / FOLDER
    files = [] if (folder / "__init__.py").exists() else sorted(folder.glob("[!_.]*.py"))
    remembered = previous.sources if previous else {}
    sources: dict[str, tuple[bytes, Read]] = {}
    for file in files:
        path = file.relative_to(home).as_posix()
        if not allowed:
            sources[path] = b"", not_allowed(path, "transformer")
            continue
        try:
            text = file.read_bytes()
        except OSError as error:
            message = f"the file can't be read: {error.strerror}"
            sources[path] = b"", problem("RG321", path, 1, 1, message)
            continue
        before = remembered.get(path)
        if before and before[0] == text and isinstance(before[1], Kind):
            sources[path] = before
        else:
            sources[path] = text, read_transformer(text, path)
    kinds = {**KINDS, **{kind.name: kind for _, kind in sources.values() if isinstance(kind, Kind)}}
    problems = tuple(found for _, found in sources.values() if isinstance(found, Problem))
    plain = {name: made for name, kind in kinds.items() if (made := kind.plain())}
    return OwnTransformers(kinds, plain, problems, sources)


def read_transformer(text: bytes, path: str) -> Read:
    """Run a file, and return the transformer that it defines, or what is wrong with it."""
    name = PurePosixPath(path).stem
    if name in KINDS:
        return problem("RG321", path, 1, 1, f'"{name}" is a transformer already', "rename the file")
    names = run_file(text, path)
    if isinstance(names, Problem):
        return names
    transform: Any = names.get("transform")
    if not _is_transform(transform):
        hint = "write: def transform(request):"
        return problem("RG321", path, 1, 1, "it defines no transform(request)", hint)
    return Kind(name, inspect.getdoc(transform) or "", _options(transform), _maker(name, transform))


def _is_transform(found: Any) -> bool:
    plain = inspect.isfunction(found) and not inspect.iscoroutinefunction(found)
    return plain and bool(inspect.signature(found).parameters)


def _options(transform: Callable[..., Any]) -> type[BaseModel]:
    """Return the form of the arguments behind the request."""
    _, *parameters = inspect.signature(transform).parameters.values()
    fields: dict[str, Any] = {
        each.name: (Any, ... if each.default is each.empty else each.default)
        for each in parameters
        if each.kind in {each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY}
    }
    any_more = any(each.kind is each.VAR_KEYWORD for each in parameters)
    config = ConfigDict(extra="allow" if any_more else "forbid", frozen=True)
    return create_model("Options", __config__=config, **fields)


def _maker(name: str, transform: Callable[..., Any]) -> Callable[[BaseModel], Transformer]:
    def make(options: BaseModel) -> Transformer:
        given = dict(options)

        def body(sent: Json, _target: Target) -> Json:
            # A copy of its own: the client's request is needed again for the next candidate.
            returned = transform(orjson.loads(orjson.dumps(sent)), **given)
            if not isinstance(returned, dict):
                raise TypeError(f"transform() of {FOLDER}/{name}.py returned no dict")
            return sent if returned == sent else returned

        return Transformer(name, body=body)

    return make
