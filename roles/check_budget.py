"""A budget that something does not draw on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from haystacks.pool import Candidate, Haystack
from kg.problem import Problem
from roles.offer import ANY, offer_to
from roles.role import Role

# A message is read by a person.
_NAMED: Final = 3


def check_budget(role: Role, haystacks: Mapping[str, Haystack]) -> Iterator[Problem]:
    """Warn of a budget where models have no known price: what they cost is counted nowhere."""
    if role.budget is None:
        return
    offer = offer_to(role, haystacks)
    links = [*offer.anything()]
    for target in role.targets:
        if target.model != ANY:
            links += [
                each
                for each in offer.find(target.haystack, target.model)
                if isinstance(each, Candidate)
            ]
    unpriced = dict.fromkeys(
        str(each) for each in links if isinstance(each, Candidate) and each.model.price is None
    )
    if unpriced:
        names = ", ".join(list(unpriced)[:_NAMED])
        more = f" and {len(unpriced) - _NAMED} more" if len(unpriced) > _NAMED else ""
        message = f"no price is known of {names}{more}: they do not draw on the budget"
        yield role.problem("RG117", ("budget",), message, "give them a price: in their haystack")
