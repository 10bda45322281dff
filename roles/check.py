"""Cross references: what role files and routes name must be there.

An inactive haystack is there; that its key is missing is no problem of a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from haystacks.pool import Candidate, Haystack
from haystacks.transformer import Kinds
from haystacks.transformers.table import KINDS
from kg.codes import problem
from kg.concept import Concept
from kg.document import Keys, did_you_mean
from kg.problem import Problem
from roles.check_budget import check_budget
from roles.check_rules import check_rules
from roles.offer import ANY, offer_to
from roles.role import Role


def check(
    roles: Sequence[Role],
    haystacks: Mapping[str, Haystack],
    concepts: Sequence[Concept],
    kinds: Kinds = KINDS,
) -> tuple[Problem, ...]:
    """Return every name that leads nowhere, at its line and column.

    ``haystacks`` are those of the home by name; ``concepts`` are all of them,
    of whatever folder; ``kinds`` are the transformers.
    """
    found: list[Problem] = []
    for role in roles:
        found += _haystacks(role, haystacks)
        found += _scenarios(role)
        found += _concepts(role, concepts)
        found += _ambiguous(role, haystacks)
        found += check_budget(role, haystacks)
        found += check_rules(role)
    return (
        *sorted(found),
        *_routes(roles, haystacks, concepts),
        *_transforms(roles, concepts, kinds),
    )


def _haystacks(role: Role, haystacks: Mapping[str, Haystack]) -> Iterator[Problem]:
    known = {name.lower(): haystack for name, haystack in haystacks.items()}
    own = offer_to(role, haystacks).own
    services = {haystack.service.lower() for haystack in own}

    def unknown(name: str, keys: Keys) -> Problem:
        return role.problem(
            "RG104", keys, f'unknown haystack "{name}"', did_you_mean(name, haystacks)
        )

    for index, name in enumerate(role.haystacks):
        if name.lower() not in known:
            yield unknown(name, ("haystacks", index))
    for name in role.model_exclusions:
        if name.lower() not in known:
            yield unknown(name, ("model_exclusions", name))
    for target in role.targets:
        haystack = known.get(target.haystack.lower())
        if haystack is None and target.haystack.lower() not in services:
            yield unknown(target.haystack, (*target.at, 0))
        elif haystack and haystack.models and target.model != ANY:
            names = [model.id for model in haystack.models]
            if target.model not in names:
                message = f'the haystack "{haystack.name}" does not list "{target.model}"'
                hint = did_you_mean(target.model, names)
                yield role.problem("RG108", (*target.at, 1), message, hint)


def _scenarios(role: Role) -> Iterator[Problem]:
    known = {*role.scenarios, "default"}
    for index, mapping in enumerate(role.model_mappings):
        if mapping.scenario and mapping.scenario not in known:
            message = f'the role has no scenario "{mapping.scenario}"'
            hint = did_you_mean(mapping.scenario, known)
            yield role.problem("RG110", ("model_mappings", index, "to"), message, hint)


def _concepts(role: Role, concepts: Sequence[Concept]) -> Iterator[Problem]:
    for index, folder in enumerate(role.kg):
        if not any(concept.path.startswith(f"{folder}/") for concept in concepts):
            yield role.problem("RG107", ("kg", index), f'the folder "{folder}" holds no concept')
    named: list[tuple[str, Keys]] = [
        (mapping.concept, ("model_mappings", index, "to"))
        for index, mapping in enumerate(role.model_mappings)
        if mapping.concept
    ]
    named += [
        (name, ("rules", number, "when", "concepts", index))
        for number, rule in enumerate(role.rules)
        for index, name in enumerate(rule.when.concepts)
    ]
    if role.default_concept:
        named.append((role.default_concept, ("default_concept",)))
    if not named:
        return
    known = [concept for concept in concepts if role.knows(concept.path)]
    names = {name.lower() for concept in known for name in (concept.id, *concept.aliases)}
    for name, keys in named:
        if name not in names:
            message = f'the role knows no concept "{name}"'
            yield role.problem("RG106", keys, message, did_you_mean(name, names))


def _ambiguous(role: Role, haystacks: Mapping[str, Haystack]) -> Iterator[Problem]:
    """Find the bare names that a client may write, and that can be read in two ways."""
    if role.plain_model != "honour":
        return
    known = {name.lower() for name in haystacks}
    offers: dict[str, list[str]] = {}
    for offered in offer_to(role, haystacks).anything():
        if isinstance(offered, Candidate):
            offers.setdefault(offered.model.id, []).append(offered.haystack.name)
    for model_id, names in offers.items():
        if len(names) > 1:
            message = f'"{model_id}" is a model of {" and of ".join(names)}'
            hint = f'a client gets the first; "{names[1]},{model_id}" names the other'
            yield role.problem("RG112", ("plain_model",), message, hint)
        before = model_id.partition("," if "," in model_id else ":")[0].strip().lower()
        if before != model_id.lower() and ("," in model_id or before in known):
            message = f'"{model_id}" reads as a haystack and its model'
            hint = f'write "{names[0]},{model_id}" for it'
            yield role.problem("RG112", ("plain_model",), message, hint)


def _routes(
    roles: Sequence[Role], haystacks: Mapping[str, Haystack], concepts: Sequence[Concept]
) -> Iterator[Problem]:
    own = [haystack for role in roles for haystack in offer_to(role, haystacks).own]
    offered = {name.lower() for haystack in own for name in (haystack.name, haystack.service)}
    for concept in concepts:
        for route in concept.routes:
            if route.provider in offered or not any(role.knows(concept.path) for role in roles):
                continue
            message = f'no role has a haystack for "{route.provider}"'
            hint = did_you_mean(route.provider, offered)
            yield problem("RG109", concept.path, route.line, route.column, message, hint)


def _transforms(
    roles: Sequence[Role], concepts: Sequence[Concept], kinds: Kinds
) -> Iterator[Problem]:
    for concept in concepts:
        if not concept.transforms or not any(role.knows(concept.path) for role in roles):
            continue
        for named in concept.transforms:
            at = (concept.path, named.line, named.column)
            kind = kinds.get(named.name)
            if kind is None:
                hint = did_you_mean(named.name, kinds)
                yield problem("RG113", *at, f'unknown transformer "{named.name}"', hint)
            elif kind.plain() is None:
                message = f'the transformer "{named.name}" needs options'
                yield problem("RG113", *at, message, "name it in a haystack's file instead")
