"""YAML and JSON documents that remember where each value stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args

import orjson
import yaml
from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from kg.codes import problem
from kg.problem import Problem

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]  # the same methods

M = TypeVar("M", bound=BaseModel)
Keys = tuple[str | int, ...]

_STR = "tag:yaml.org,2002:str"
_COLLECTIONS = {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_DEEPEST = 100
_SURROGATE = re.compile(r"\\u([dD][89a-fA-F][0-9a-fA-F]{2})")


class _Loader(_SafeLoader):
    """Reads plain scalars as YAML 1.2 does: ``no``, ``on``, ``12:30`` and dates are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # PyYAML's own class attribute, filled below


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,30})", "-+0123456789"),
    ("float", r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?", "-+0123456789"),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(rf"(?:{_pattern})\Z"),
        [*_first, ""] if _tag == "null" else list(_first),
    )


@dataclass(frozen=True, slots=True)
class Document:
    """A mapping read from a file, with the place of everything in it."""

    path: str
    data: Any
    root: yaml.MappingNode = field(repr=False, compare=False)

    def locate(self, keys: Keys, *, key: bool = False) -> tuple[int, int]:
        """Return line and column, from 1, of the value that the keys lead to.

        A block below a key is named by its key; with ``key`` every value is. A
        key that is not there is passed over, so the nearest parent answers.
        """
        found: yaml.Node = self.root
        named: yaml.Node = self.root
        for part in keys:
            for text, name, value in _entries(found):
                if text == str(part):
                    found, named = value, name
                    break
        mark = (named if key or not isinstance(found, yaml.ScalarNode) else found).start_mark
        return mark.line + 1, mark.column + 1


def read_document(text: str, path: str, code: str) -> Document | Problem:
    """Read safe YAML or JSON with a mapping at the top; anything else is a problem of that code.

    Duplicate keys, tags that JSON has no word for, and values that contain
    themselves are problems too.
    """
    text = text.removeprefix("\ufeff")
    plain = None
    if text.lstrip().startswith("{"):
        try:
            plain = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            if path.endswith(".json"):
                return problem(code, path, error.lineno, error.colno, f"not JSON: {error.msg}")
    try:
        return _read_yaml(text if plain is None else _marked(text), path, code, plain)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return problem(code, path, line, column, error.problem or error.context or "not YAML")
    except (yaml.reader.ReaderError, UnicodeEncodeError) as error:
        offset = error.position if isinstance(error, yaml.reader.ReaderError) else error.start
        before = text.encode(errors="replace")[:offset].decode(errors="ignore")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return problem(code, path, line, column, "a character that no text may hold")


def _marked(text: str) -> str:
    """Return JSON as YAML that has each key and value at the same place.

    JSON allows tabs where YAML does not, and has them nowhere else; it writes
    halves of characters, for which others stand in.
    """
    return _SURROGATE.sub(
        lambda half: f"\\u{int(half[1], 16) + 0x800:04x}", text.replace("\t", " ")
    )


def _read_yaml(text: str, path: str, code: str, plain: Any) -> Document | Problem:
    _refuse_depth(text)
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            message = "the file is empty" if root is None else "the file must hold a mapping"
            return problem(code, path, 1, 1, message, 'write "key: value" lines')
        _refuse(root, loader, frozenset(), set())
        data = loader.construct_document(root)
        return Document(path, data if plain is None else plain, root)
    finally:
        loader.dispose()


def _refuse_depth(text: str) -> None:
    """Raise before the composer sees it: it recurses in C, and would take the process down."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise _refusal(event, "nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refuse(node: yaml.Node, loader: _Loader, above: frozenset[int], done: set[int]) -> None:
    """Raise ``ConstructorError`` for what YAML allows and a configuration must not hold."""
    if isinstance(node, yaml.ScalarNode):
        plain = loader.resolve(yaml.ScalarNode, node.value, (True, False))  # type: ignore[no-untyped-call]  # PyYAML's own
        if node.tag not in {_STR, plain}:
            raise _refusal(node, f"the tag {node.tag} has no place here")
    elif node.tag not in _COLLECTIONS:
        raise _refusal(node, f"the tag {node.tag} has no place here")
    elif id(node) in above:
        raise _refusal(node, "a value contains itself")
    elif id(node) not in done:
        seen: set[str] = set()
        for text, name, value in _entries(node):
            if isinstance(node, yaml.MappingNode):
                if not isinstance(name, yaml.ScalarNode):
                    raise _refusal(name, "a key must be text")
                _refuse(name, loader, above, done)
            if text in seen:
                raise _refusal(name, f'duplicate key "{text}"')
            seen.add(text)
            _refuse(value, loader, above | {id(node)}, done)
        done.add(id(node))


def _refusal(at: Any, message: str) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, message, at.start_mark)


def _entries(node: yaml.Node) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Yield key or index, the node that names the entry, and its value."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield str(name.value), name, value
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield str(index), value, value


def validate(
    document: Document,
    model: type[M],
    *,
    wrong: str,
    unknown: str,
    data: Any = None,
    at: Keys = (),
) -> tuple[M | None, tuple[Problem, ...]]:
    """Return the model, or ``None`` and every problem of the document at its line and column.

    An unknown key gets the code ``unknown`` and the key that was probably
    meant; everything else gets ``wrong``. A message never quotes a value: it
    may be a secret. ``data`` is a part of the document, to which ``at`` leads;
    left out, it is all of it.
    """
    try:
        return model.model_validate(document.data if data is None else data), ()
    except ValidationError as failure:
        errors = failure.errors(include_url=False)
    found: dict[tuple[int, int, str], Problem] = {}
    for error in errors:
        extra = error["type"] == "extra_forbidden"
        line, column = document.locate((*at, *error["loc"]), key=extra)
        message, hint = _unknown_key(error, model) if extra else _wrong_value(error)
        # The branches of a union fail one by one, at one place: that is one problem.
        place = (line, column, message if extra or error["type"] == "missing" else "")
        if before := found.get(place):
            message = f"{before.message}; or {message.split(': ', 1)[-1]}"
            hint = before.hint or hint
        code = unknown if extra else wrong
        found[place] = problem(code, document.path, line, column, message, hint)
    return None, tuple(sorted(found.values()))


def _unknown_key(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    *above, name = error["loc"]
    return f'unknown key "{name}"', did_you_mean(str(name), _known_keys(model, above))


def _wrong_value(error: ErrorDetails) -> tuple[str, str]:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f'missing "{where}"', ""
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    hint = ""
    if error["type"] == "literal_error" and isinstance(error["input"], str):
        hint = did_you_mean(error["input"], re.findall(r"'([^']*)'", error["ctx"]["expected"]))
    return (f'"{where}": {message}' if where else message), hint


def _known_keys(model: type[BaseModel], keys: Iterable[str | int]) -> set[str]:
    """Return the keys that are known where ``keys`` lead to."""
    models = {model}
    for key in keys:
        fields = [f for m in models for n, f in m.model_fields.items() if key in _names(n, f)]
        # An index, the key of a plain mapping and the branch of a union are no fields.
        if fields:
            models = {m for f in fields for m in _models(f.annotation)}
    return {name for m in models for n, f in m.model_fields.items() for name in _names(n, f)}


def _names(name: str, info: FieldInfo) -> set[str]:
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        return {choice for choice in alias.choices if isinstance(choice, str)}
    return {alias if isinstance(alias, str) else name}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def did_you_mean(name: str, known: Iterable[str], *, cutoff: float = 0.55) -> str:
    """Return ``did you mean "fast-local"?`` for the nearest known name, or ``""``.

    ``cutoff`` is difflib's measure of likeness, 0 to 1.
    """
    spelled = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.casefold(), spelled, 1, cutoff)
    return f'did you mean "{spelled[near[0]]}"?' if near else ""
