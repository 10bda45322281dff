"""Gives a request what the transformers of its candidates need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from haystacks.request import Request
from haystacks.transformer import Transformer
from roles.decision import Decision
from roles.knowledge import GraphKnowledge
from roles.view import View


def with_transformers(
    request: Request, decision: Decision, view: View, named: Mapping[str, Transformer]
) -> Request:
    """Return the request with its concept's transformers and the knowledge of its role.

    The same request is returned where no transformer waits for it. Names that
    lead nowhere were reported when the home was read.
    """
    steps = tuple([named[name] for name in decision.transforms if name in named])
    for candidate in decision.candidates:
        if steps or candidate.haystack.transformers or candidate.model.transformers:
            knowledge = GraphKnowledge(view.rolegraph)
            return replace(request, transformers=steps, knowledge=knowledge)
    return request
