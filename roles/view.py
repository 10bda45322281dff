"""One role as one snapshot sees it: all that can be worked out before a request comes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate

from haystacks.pool import Candidate, Haystack
from rolegraph.rolegraph import Rolegraph
from rolegraph.trigger import TriggerIndex
from roles.filters import Chain
from roles.offer import Offer, offer_to
from roles.role import ModelMapping, Role


@dataclass(frozen=True, slots=True)
class View:
    """All that the phases may know beside the request.

    ``scenarios`` always has a default. ``plain`` are the candidates of each bare
    model name that may be taken as it is.
    """

    role: Role
    offer: Offer
    rolegraph: Rolegraph
    triggers: TriggerIndex | None
    scenarios: Mapping[str, Chain]
    mappings: tuple[tuple[re.Pattern[str], ModelMapping], ...]
    plain: Mapping[str, Chain]
    generation: int


def view_of(
    role: Role,
    haystacks: Mapping[str, Haystack],
    rolegraph: Rolegraph,
    *,
    triggers: TriggerIndex | None = None,
    generation: int = 0,
) -> View:
    """Compile the role against a snapshot's haystacks, by name, and its rolegraph."""
    offer = offer_to(role, haystacks)
    scenarios: dict[str, Chain] = {
        name: tuple(link for target in chain for link in offer.chain(target.haystack, target.model))
        for name, chain in role.scenarios.items()
    }
    scenarios.setdefault("default", offer.anything())
    return View(
        role=role,
        offer=offer,
        rolegraph=rolegraph,
        triggers=triggers,
        scenarios=scenarios,
        mappings=tuple(
            (re.compile(translate(mapping.pattern), re.IGNORECASE), mapping)
            for mapping in role.model_mappings
        ),
        plain=_plain(offer) if role.plain_model == "honour" else {},
        generation=generation,
    )


def _plain(offer: Offer) -> dict[str, Chain]:
    plain: dict[str, Chain] = {}
    for link in offer.anything():
        if isinstance(link, Candidate):
            plain[link.model.id] = (*plain.get(link.model.id, ()), link)
    return plain
