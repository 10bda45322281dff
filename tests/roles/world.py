"""A small home in memory: what the tests of this room route in."""

from collections.abc import Mapping, Sequence
from typing import Any

from haystacks.pool import Candidate, Capability, Haystack, Model, Price
from kg.concept import Concept, Link, Route, Synonym
from rolegraph.rolegraph import compile_rolegraph
from rolegraph.trigger import TriggerIndex
from roles.facts import Facts
from roles.file import read_role
from roles.role import Role
from roles.view import View, view_of

TALKS: frozenset[Capability] = frozenset({"tools"})
SEES: frozenset[Capability] = frozenset({"tools", "images"})


def haystack(name: str, *models: Model | str, service: str = "", inactive: str = "") -> Haystack:
    return Haystack(
        name=name,
        service=service or name,
        dialect="openai_chat",
        location="http://127.0.0.1:1",
        models=tuple(Model(each) if isinstance(each, str) else each for each in models),
        inactive=inactive,
    )


HAYSTACKS = {
    each.name: each
    for each in (
        haystack(
            "deepseek",
            Model("chat", 64_000, 8_000, Price(0.3, 1.1), TALKS, 0.6),
            Model("reasoner", 64_000, 64_000, Price(0.6, 2.2), TALKS, 0.8),
        ),
        haystack(
            "openrouter",
            Model("sonnet", 200_000, 64_000, Price(3.0, 15.0), SEES, 0.9),
            Model("sonar", 128_000, None, None, frozenset({"web_search"}), 0.5),
        ),
        haystack("local", "qwen:latest", service="ollama"),
        haystack("asleep", "chat", inactive="no key: set ASLEEP_API_KEY"),
    )
}


def concept(
    name: str,
    *routes: str,
    priority: int = 50,
    broader: str = "",
    trigger: str = "",
    folder: str = "kg/routing",
) -> Concept:
    return Concept(
        id=name,
        path=f"{folder}/{name}.md",
        synonyms=(Synonym(name, 1, 1),),
        routes=tuple(_route(route) for route in routes),
        priority=priority,
        trigger=trigger,
        links=(Link(broader, "broader", 3, 1),) if broader else (),
    )


def _route(text: str) -> Route:
    provider, _, model = text.partition(",")
    return Route(provider, model, line=5, column=9)


def role(text: str = "", **keys: Any) -> Role:
    """Return the role of a YAML text, or of keys; ``name`` is given."""
    lines = [f"{key}: {value}" for key, value in keys.items()]
    read, problems = read_role("\n".join(["name: Tester", text, *lines]), "roles/tester.yaml")
    assert read, problems
    return read


def view(
    of: Role | None = None,
    concepts: Sequence[Concept] = (),
    haystacks: Mapping[str, Haystack] = HAYSTACKS,
) -> View:
    return view_of(
        of or role(),
        haystacks,
        compile_rolegraph(concepts),
        triggers=TriggerIndex(concepts),
        generation=7,
    )


def asked(text: str = "", model: str = "", **more: Any) -> Facts:
    return Facts(text, model, **more)


def names(candidates: Sequence[Candidate]) -> list[str]:
    return [str(candidate) for candidate in candidates]
