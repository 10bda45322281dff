"""The rules of a role file, and how they turn into rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from roles.pair import Pair, Strict, Text, chain_of
from roles.role import Rule, Strategy
from roles.when import Hours, Range, When, read_hours, read_range

_RangeText = Annotated[
    Range,
    PlainValidator(read_range),
    WithJsonSchema({"type": "string", "examples": ["> 0.6", ">= 3", "< 10", "2-5"]}),
]
_HoursText = Annotated[
    Hours,
    PlainValidator(read_hours),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["22-6", 9]}),
]


class Conditions(Strict):
    """What a request must meet; all of it."""

    concepts: list[Text] | None = Field(
        default=None, min_length=1, description="any of them was found in the text"
    )
    complexity: _RangeText | None = Field(
        default=None, description='an estimate from 0 to 1: "> 0.6", "0.2-0.5"'
    )
    tokens: _RangeText | None = Field(
        default=None, description='tokens of the request: "> 20000", "<= 500"'
    )
    tools: bool | None = Field(default=None, description="whether the client brings tools")
    header: dict[Text, Text] = Field(
        default={}, description="glob over the value of each header, any case"
    )
    hour: _HoursText | None = Field(
        default=None, description='where the server stands: "22-6" is from 22:00 until 6:00'
    )
    key: Text | None = Field(
        default=None, description="glob over the name of the client's key, any case"
    )


class RuleForm(Strict):
    """Where requests go that meet the conditions."""

    when: Conditions = Field(
        default_factory=Conditions, description="what a request must meet, all of it"
    )
    route: Pair | list[Pair] | None = Field(
        default=None, description="[haystack, model], or a list of such pairs"
    )
    strategy: Strategy | None = Field(
        default=None, description="orders the scenario that fits the request"
    )

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if bool(self.route) == bool(self.strategy):
            raise ValueError("a rule has either a route or a strategy")
        return self


def rules_of(forms: Sequence[RuleForm]) -> tuple[Rule, ...]:
    """Return the rules in the order of the file."""
    return tuple(
        Rule(
            _when(form.when),
            chain_of(form.route, ("rules", index, "route")) if form.route else (),
            form.strategy,
        )
        for index, form in enumerate(forms)
    )


def _when(form: Conditions) -> When:
    return When(
        concepts=tuple(name.lower() for name in form.concepts or ()),
        complexity=form.complexity,
        tokens=form.tokens,
        tools=form.tools,
        headers=tuple((name.lower(), glob) for name, glob in form.header.items()),
        hours=form.hour,
        key=form.key or "",
    )
