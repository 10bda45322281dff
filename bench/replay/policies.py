"""What routing is compared with: three ways to choose that remember nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from haystacks.pool import Candidate
from roles.facts import Facts
from roles.filters import sift
from roles.route import route
from roles.strategy import TYPICAL_OUTPUT
from roles.view import View

Policy = Callable[[Facts, View], Candidate | None]


def routed(_facts: Facts, _view: View) -> None:
    """Leave it to the server: the role, and all its phases."""


def forgetful(facts: Facts, view: View) -> Candidate:
    """Return what the role's phases say of a request when nothing came before it."""
    return route(facts, view).candidates[0]


def default(facts: Facts, view: View) -> Candidate:
    """Return the first model of the role's default scenario that can take the request.

    Where none can, the first that can of the scenario that fits. Raises ``NoCandidate``.
    """
    fit, _ = sift(view.scenarios["default"], facts)
    if fit:
        return fit[0]
    return route(facts, replace(view, role=replace(view.role, phases=("scenario",)))).candidates[0]


def cheapest(facts: Facts, view: View) -> Candidate:
    """Return the cheapest model of all that the role may use and that can take the request.

    By list price, as if no cache held anything.
    """
    fit, _ = sift(view.offer.anything(), facts)
    tokens = facts.tokens()

    def usd(candidate: Candidate) -> float:
        price = candidate.model.price
        if price is None:
            return float("inf")
        return price.input * tokens + price.output * TYPICAL_OUTPUT

    return min(fit, key=usd)


POLICIES: Final[Mapping[str, Policy]] = MappingProxyType(
    {
        "routed": routed,
        "routed, no memory": forgetful,
        "default model": default,
        "cheapest each time": cheapest,
    }
)
