"""Which models make embeddings for a role."""

from __future__ import annotations

from collections.abc import Sequence

from haystacks.errors import NoCandidate, NotFound
from haystacks.pool import Candidate
from roles.decision import Decision
from roles.filters import Link
from roles.phases.explicit import named_chain, split_name
from roles.resolve import AUTO, role_of_model
from roles.view import View


def decide_embedding(asked: str, view: View) -> Decision:
    """Return where embeddings are made: with one model, at the role's haystacks in their order.

    It is the model that is asked for, as ``haystack,model`` or ``haystack:model``, by a mapping
    of the role or by its bare name; where none is named, the role's first. Another one never
    stands in: its vectors would mean something else. Raises ``NotFound`` and ``NoCandidate``.
    """
    any_one = not asked or asked.lower() == AUTO or bool(role_of_model(asked))
    return Decision(
        role=view.role.handle,
        phase="scenario" if any_one else "explicit",
        candidates=_any_model(view) if any_one else _named(asked, view),
        confidence=1.0,
        scenario="embeddings" if any_one else "",
        generation=view.generation,
    )


def _any_model(view: View) -> tuple[Candidate, ...]:
    offered = _offered(view)
    return tuple(each for each in offered if each.model.id == offered[0].model.id)


def _named(asked: str, view: View) -> tuple[Candidate, ...]:
    if named := split_name(asked, view):
        exactly = _open(named_chain(*named, view))
        if not exactly:
            raise NotFound(f'"{asked}" is not open to the role {view.role.handle}')
        return exactly
    for glob, mapping in view.mappings:
        if mapping.target and glob.match(asked):
            target = _open(view.offer.chain(mapping.target.haystack, mapping.target.model))
            if mapped := tuple(each for each in target if each.model.embeds):
                return mapped
    offered = _offered(view)
    same = tuple(each for each in offered if each.model.id == asked)
    if not same:
        names = ", ".join(dict.fromkeys(each.model.id for each in offered))
        raise NotFound(f'no embedding model "{asked}"; the role {view.role.handle} has: {names}')
    return same


def _offered(view: View) -> tuple[Candidate, ...]:
    """Return every embedding model of the role. Raises ``NoCandidate`` where there is none."""
    offered = tuple(
        candidate
        for haystack in view.offer.own
        for model in haystack.models
        if model.embeds
        for candidate in _open(view.offer.chain(haystack.name, model.id))
    )
    if not offered:
        raise NoCandidate(
            f"the role {view.role.handle} has no embedding model: a haystack lists one with "
            "capabilities: [embeddings]"
        )
    return offered


def _open(chain: Sequence[Link]) -> tuple[Candidate, ...]:
    return tuple(link for link in chain if isinstance(link, Candidate))
