"""What a role may use: its haystacks, and the candidates that a provider and a model stand for.

What a request can't change is decided here, once for each snapshot: an unknown
haystack, one of another role, one that is inactive, and an excluded model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate

from haystacks.pool import Candidate, Haystack
from roles.decision import Skipped
from roles.filters import Chain, Choice
from roles.role import Role, Strategy
from roles.strategy import order

ANY = "*"


@dataclass(frozen=True, slots=True)
class Offer:
    """The haystacks of a snapshot as one role sees them.

    ``known`` are all of them by lower-cased name; ``own`` are the role's, in
    its order: those it lists, then those that only its scenarios, mappings and
    rules name. ``listed`` is how many of them it lists.
    """

    known: Mapping[str, Haystack]
    own: tuple[Haystack, ...]
    listed: int
    strategy: Strategy
    excluded: Mapping[str, tuple[re.Pattern[str], ...]]
    _chains: dict[tuple[str, str], Chain] = field(default_factory=dict, repr=False, compare=False)

    def chain(self, provider: str, model: str) -> Chain:
        """Return what a provider and a model in a file stand for; remembered, files are few."""
        key = (provider, model)
        chain = self._chains.get(key)
        if chain is None:
            chain = self._chains[key] = self.find(provider, model)
        return chain

    def find(self, provider: str, model: str) -> Chain:
        """Return the candidates that a provider and a model stand for, or why there is none.

        The provider is the name of a haystack of the role; else a service, and
        then stands for all of the role's haystacks of it. ``*`` is any one model
        of each, the best by the role's strategy that can take the request.
        """
        name = provider.lower()
        haystacks = [haystack for haystack in self.own if haystack.name.lower() == name]
        haystacks = haystacks or [each for each in self.own if each.service.lower() == name]
        if not haystacks:
            reason = "not a haystack of this role" if name in self.known else "unknown haystack"
            return (Skipped(f"{provider},{model}", reason),)
        if model == ANY:
            return tuple(Choice(self._any_of([haystack])) for haystack in haystacks)
        return tuple(self._allowed(Candidate(each, each.model(model))) for each in haystacks)

    def anything(self) -> tuple[Candidate | Skipped, ...]:
        """Return every model of the haystacks that the role lists, by its strategy."""
        return self._any_of(self.own[: self.listed])

    def _any_of(self, haystacks: Iterable[Haystack]) -> tuple[Candidate | Skipped, ...]:
        links: list[Candidate] = []
        skipped: list[Skipped] = []
        for haystack in haystacks:
            if not haystack.models:
                skipped.append(Skipped(f"{haystack.name},{ANY}", "lists no models"))
            links.extend(Candidate(haystack, model) for model in haystack.models)
        ordered = order(links, self.strategy)
        return (*(self._allowed(candidate) for candidate in ordered), *skipped)

    def _allowed(self, candidate: Candidate) -> Candidate | Skipped:
        haystack, model = candidate.haystack, candidate.model
        if haystack.inactive:
            return Skipped(str(candidate), f"inactive: {haystack.inactive}")
        for glob in self.excluded.get(haystack.name.lower(), ()):
            if glob.match(model.id):
                return Skipped(str(candidate), "excluded by the role's model_exclusions")
        return candidate


def offer_to(role: Role, haystacks: Mapping[str, Haystack]) -> Offer:
    """Return what the role may use of a snapshot's haystacks."""
    known = {name.lower(): haystack for name, haystack in haystacks.items()}
    named = dict.fromkeys(name.lower() for name in role.haystacks or known)
    also = dict.fromkeys(target.haystack.lower() for target in role.targets)
    own = [known[name] for name in named if name in known]
    return Offer(
        known=known,
        own=(*own, *(known[name] for name in also if name in known and name not in named)),
        listed=len(own),
        strategy=role.strategy,
        excluded={
            name.lower(): tuple(re.compile(translate(glob), re.IGNORECASE) for glob in globs)
            for name, globs in role.model_exclusions.items()
        },
    )
