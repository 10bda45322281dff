"""A role file, ``roles/<name>.yaml``: its keys, and how it turns into a role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kg.document import Document, Keys, read_document, validate
from kg.problem import Problem
from roles.budget_form import BudgetForm
from roles.decision import PhaseName
from roles.pair import Pair, Strict, Text, chain_of
from roles.performance_form import PerformanceForm, WeightsForm
from roles.role import (
    DEFAULT_PHASES,
    BatchesBy,
    Boundary,
    Chain,
    ModelMapping,
    PlainModel,
    Role,
    ScenarioName,
    Strategy,
    Target,
)
from roles.rules_form import RuleForm, rules_of


class Scenarios(Strict):
    """Where a request goes by its kind: ``[haystack, model]``, or a list of such pairs.

    A list is a fallback chain, first choice first.
    """

    image: Pair | list[Pair] | None = Field(default=None, description="an image is newly shown")
    web_search: Pair | list[Pair] | None = Field(
        default=None, description="the request carries a web search tool of the provider's"
    )
    long_context: Pair | list[Pair] | None = Field(
        default=None, description="the request is longer than long_context_threshold"
    )
    think: Pair | list[Pair] | None = Field(
        default=None, description="extended thinking, or an effort of high and more, is asked for"
    )
    background: Pair | list[Pair] | None = Field(
        default=None, description="a haiku-class model, or an auxiliary request of Claude Code"
    )
    default: Pair | list[Pair] | None = Field(
        default=None,
        description="everything else; left out: any model of the role's haystacks, by strategy",
    )


class NameMapping(Strict):
    """What happens to a model name that a client sends."""

    from_: Text = Field(alias="from", description="glob over the model's name, any case")
    to: Pair | Annotated[str, StringConstraints(pattern=r"^(scenario|concept):\s*\S")] = Field(
        description="[haystack, model], scenario:<name> or concept:<name>"
    )


class Triggers(Strict):
    """Asks the concepts' ``trigger::`` texts where no synonym matched."""

    threshold: float = Field(
        default=0.25, gt=0, le=1, description="the least TF-IDF cosine that counts"
    )


class Routing(BaseModel):
    """The keys that decide where a role's requests go, in either form of role file."""

    name: Text = Field(description="what the role is called; any case")
    shortname: Text | None = Field(default=None, description="a second, shorter name")
    description: str = Field(default="", description="one line for people")
    strategy: Strategy = Field(
        default="balanced", description="which model comes first where any model would do"
    )
    phases: list[PhaseName] = Field(
        default=list(DEFAULT_PHASES),
        min_length=1,
        description="who is asked, in this order; performance only where it is listed",
    )
    default_concept: Text | None = Field(
        default=None,
        description="the concept that decides unless a match has a confidence over 0.7",
    )
    scenarios: Scenarios = Field(
        default_factory=Scenarios, description="where a request goes by its kind"
    )
    long_context_threshold: int = Field(
        default=60_000, ge=0, description="tokens of input over which a request is long"
    )
    model_mappings: list[NameMapping] = Field(
        default=[], description="globs over the model that the client named; the first match wins"
    )
    rules: list[RuleForm] = Field(
        default=[],
        description="asked before the concepts found; the first that holds and is open decides",
    )
    model_exclusions: dict[str, list[Text]] = Field(
        default={}, description="globs over models that are never used, by haystack"
    )
    plain_model: PlainModel = Field(
        default="route",
        description="honour: a bare name of a model that the role has is taken as it is",
    )
    batches: BatchesBy = Field(
        default="own",
        description="native: a batch that one Anthropic would answer is passed to it, half price",
    )
    budget: BudgetForm | None = Field(default=None, description="what the role may spend")
    weights: WeightsForm = Field(
        default_factory=WeightsForm, description="how much each part of a score counts"
    )
    performance: PerformanceForm = Field(
        default_factory=PerformanceForm, description="which measures count, and are good enough"
    )
    boundary: Boundary = Field(
        default="word", description="word: synonyms match whole words; none: any substring"
    )
    triggers: Triggers | None = Field(
        default=None, description="opt in to matching by trigger:: texts where no synonym matched"
    )


class RoleFile(Routing):
    """A role: a point of view on the models there are."""

    model_config = ConfigDict(extra="forbid", title="Role")

    kg: list[Text] | None = Field(
        default=None, description="folders under kg/ whose concepts the role knows; left out: all"
    )
    haystacks: list[Text] | None = Field(
        default=None, description="the haystacks it may use, first choice first; left out: all"
    )


def read_role(text: str, path: str) -> tuple[Role | None, tuple[Problem, ...]]:
    """Read a role file: the role, or ``None`` where it is wrong, and every problem of it."""
    document = read_document(text, path, "RG100")
    if isinstance(document, Problem):
        return None, (document,)
    file, problems = validate(document, RoleFile, wrong="RG101", unknown="RG102")
    if file is None:
        return None, problems
    role = to_role(file, document)
    if file.kg is not None:
        role = replace(role, kg=tuple(f"kg/{folder}" for folder in file.kg))
    if file.haystacks is not None:
        role = replace(role, haystacks=tuple(file.haystacks))
    return role, ()


def to_role(file: Routing, document: Document, at: Keys = ()) -> Role:
    """Make the role that the routing keys describe; ``at`` leads to it inside the document."""
    return Role(
        name=file.name,
        shortname=file.shortname or "",
        description=file.description,
        strategy=file.strategy,
        phases=tuple(dict.fromkeys(file.phases)),
        default_concept=(file.default_concept or "").lower(),
        scenarios=_scenarios(file.scenarios),
        long_context_threshold=file.long_context_threshold,
        model_mappings=tuple(_mapping(*each) for each in enumerate(file.model_mappings)),
        rules=rules_of(file.rules),
        model_exclusions={name: tuple(globs) for name, globs in file.model_exclusions.items()},
        plain_model=file.plain_model,
        batches=file.batches,
        boundary=file.boundary,
        trigger_threshold=file.triggers.threshold if file.triggers else None,
        budget=file.budget.budget() if file.budget else None,
        weights=file.weights.weights(),
        performance=file.performance.performance(),
        document=document,
        at=at,
    )


def _scenarios(scenarios: Scenarios) -> Mapping[ScenarioName, Chain]:
    chains: dict[ScenarioName, Pair | list[Pair] | None] = {
        "image": scenarios.image,
        "web_search": scenarios.web_search,
        "long_context": scenarios.long_context,
        "think": scenarios.think,
        "background": scenarios.background,
        "default": scenarios.default,
    }
    return {name: chain_of(value, ("scenarios", name)) for name, value in chains.items() if value}


def _mapping(index: int, entry: NameMapping) -> ModelMapping:
    if isinstance(entry.to, tuple):
        target = Target(*entry.to, ("model_mappings", index, "to"))
        return ModelMapping(entry.from_, target=target)
    kind, _, name = entry.to.partition(":")
    name = name.strip().lower()
    if kind == "scenario":
        return ModelMapping(entry.from_, scenario=name)
    return ModelMapping(entry.from_, concept=name)
