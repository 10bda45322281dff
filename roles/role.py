"""A role: who asks, as one file describes it, and how its requests are routed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kg.codes import problem
from kg.document import Document, Keys
from kg.problem import Problem
from roles.budget import Budget
from roles.decision import PhaseName
from roles.performance import Performance
from roles.when import When

Strategy = Literal["cost_first", "quality_first", "latency_first", "balanced", "static"]
Part = Literal["cost", "quality", "latency", "throughput", "success"]
Boundary = Literal["word", "none"]
PlainModel = Literal["route", "honour"]
BatchesBy = Literal["own", "native"]
ScenarioName = Literal["image", "web_search", "long_context", "think", "background", "default"]

DEFAULT_PHASES: tuple[PhaseName, ...] = ("explicit", "pattern", "session", "cost", "scenario")


@dataclass(frozen=True, slots=True)
class Target:
    """A haystack and one of its models, as a role file names them; ``at`` leads to the pair."""

    haystack: str
    model: str
    at: Keys = field(default=(), repr=False, compare=False)


Chain = tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class ModelMapping:
    """Where a model name that the client sent leads: one of scenario, concept and target is set."""

    pattern: str
    scenario: str = ""
    concept: str = ""
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Where requests go that meet the conditions: a chain, or a strategy; one of them is set."""

    when: When
    route: Chain = ()
    strategy: Strategy | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """One role, everything that its file says.

    ``kg`` are folders relative to the home (``kg/routing``), or absolute.
    ``haystacks`` is empty where the file leaves them out: every one of the home
    may be used. ``trigger_threshold`` is the least cosine (0 to 1) at which a
    concept's trigger counts, ``None`` where triggers are not asked.
    ``selected`` is set where a Terraphim configuration selects this role.
    ``weights`` are those that differ from the strategy's own.
    """

    name: str
    shortname: str = ""
    description: str = ""
    kg: tuple[str, ...] = ("kg",)
    haystacks: tuple[str, ...] = ()
    strategy: Strategy = "balanced"
    phases: tuple[PhaseName, ...] = DEFAULT_PHASES
    default_concept: str = ""
    scenarios: Mapping[ScenarioName, Chain] = field(default_factory=dict)
    long_context_threshold: int = 60_000
    model_mappings: tuple[ModelMapping, ...] = ()
    rules: tuple[Rule, ...] = ()
    model_exclusions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plain_model: PlainModel = "route"
    batches: BatchesBy = "own"
    boundary: Boundary = "word"
    trigger_threshold: float | None = None
    budget: Budget | None = None
    weights: Mapping[Part, float] = field(default_factory=dict)
    performance: Performance = field(default_factory=Performance)
    selected: bool = False
    document: Document | None = field(default=None, repr=False, compare=False)
    at: Keys = field(default=(), repr=False, compare=False)

    @property
    def path(self) -> str:
        """The file that describes the role, relative to the home; empty for one made in code."""
        return self.document.path if self.document else ""

    @property
    def handle(self) -> str:
        """The name that people type, and that answers carry: the shorter one."""
        return self.shortname or self.name

    @property
    def names(self) -> tuple[str, ...]:
        """What a request may call the role; compared without regard to case."""
        return (self.name, self.shortname) if self.shortname else (self.name,)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Every haystack and model that the file leads to: by scenario, mapping or rule."""
        return (
            *(target for chain in self.scenarios.values() for target in chain),
            *(mapping.target for mapping in self.model_mappings if mapping.target),
            *(target for rule in self.rules for target in rule.route),
        )

    def knows(self, path: str) -> bool:
        """Tell whether a concept file, relative to the home, is in one of the role's folders."""
        return any(path.startswith(f"{folder}/") for folder in self.kg)

    def problem(self, code: str, keys: Keys, message: str, hint: str = "") -> Problem:
        """Make a problem at the place in the role's file that the keys lead to."""
        line, column = self.document.locate((*self.at, *keys)) if self.document else (1, 1)
        return problem(code, self.path, line, column, message, hint)
