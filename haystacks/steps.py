"""Reads the transformers that a haystack file names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from haystacks.transformer import Kinds, Transformer
from kg.codes import problem
from kg.document import Document, Keys, did_you_mean, validate
from kg.problem import Problem


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of ``transformers:``; ``at`` leads from the entry to its name."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    at: Keys = ()


def _step(entry: Any) -> Step:
    """Understand ``name``, ``{name: {options}}`` and claude-code-router's ``[name, {options}]``."""
    match entry:
        case str(name) if name:
            return Step(name)
        case dict() if len(entry) == 1:
            [(key, options)] = entry.items()
            if isinstance(key, str) and isinstance(options, dict | None):
                return Step(key, options or {}, (key,))
        case [str(name)]:
            return Step(name, at=(0,))
        case [str(name), dict(options)]:
            return Step(name, options, (0,))
    raise ValueError("should be a name, or {name: {option: value}}")


_OPTIONS = {"type": "object"}
_PAIR = {"type": "array", "prefixItems": [{"type": "string"}, _OPTIONS], "minItems": 1}
StepEntry = Annotated[
    Step,
    BeforeValidator(_step),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "additionalProperties": _OPTIONS, "maxProperties": 1},
                {**_PAIR, "maxItems": 2},
            ]
        }
    ),
]


def read_steps(
    document: Document, steps: Sequence[Step], at: Keys, kinds: Kinds
) -> tuple[tuple[Transformer, ...], tuple[Problem, ...]]:
    """Return the transformers of the list that ``at`` leads to, and what is wrong with it."""
    made: list[Transformer] = []
    problems: list[Problem] = []
    for index, step in enumerate(steps):
        for found in _read(document, step, (*at, index), kinds):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                made.append(found)
    return tuple(made), tuple(problems)


def _read(
    document: Document, step: Step, at: Keys, kinds: Kinds
) -> Iterator[Transformer | Problem]:
    kind = kinds.get(step.name.lower())
    if kind is None:
        place = document.locate((*at, *step.at), key=True)
        message = f'unknown transformer "{step.name}"'
        yield problem("RG214", document.path, *place, message, did_you_mean(step.name, kinds))
        return
    inside = (*at, 1) if step.at == (0,) else (*at, *step.at)
    options, problems = validate(
        document, kind.options, wrong="RG215", unknown="RG215", data=step.options, at=inside
    )
    yield from problems
    if options is not None:
        yield kind.make(options)
