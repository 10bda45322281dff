"""Thinking and effort, fitted to what the model accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.anthropic.thinking_history import acts_without_thought
from haystacks.pool import Model

_BUDGETS: Final = {"low": 4096, "medium": 8192, "high": 16384, "xhigh": 32000, "max": 32000}
_DEFAULT_BUDGET: Final = 8192
_LEAST_BUDGET: Final = 1024
_NEVER_THINKS: Final = re.compile(r"claude-3")
"""Unless its haystack says so: of that family only 3.7 thinks."""

_WANTS_BUDGET: Final = re.compile(r"claude-(3|(opus|sonnet|haiku)-4(?![.-][6-9](?!\d)))")
"""Models before Claude 4.6, which know neither adaptive thinking nor effort."""


_NO_XHIGH: Final = re.compile(r"claude-(opus|sonnet|haiku)-4[.-]6(?!\d)")
"""Models that know the effort ``max``, but nothing between it and ``high``."""


def fit_thinking(body: Json, model: Model, adaptation: Adaptation) -> Json:
    """Return the body with the thinking that this model takes, and nothing that clashes with it.

    ``max_tokens`` must be set. Other dialects ask for an effort only, which
    becomes a budget of tokens where the model wants one.
    """
    kind = (body.get("thinking") or {}).get("type", "disabled")
    effort: str = (body.get("output_config") or {}).get("effort") or ""
    budget = None
    if not _thinks(model):
        if effort or kind != "disabled":
            adaptation.note("thinking dropped")
        return _without(_without_effort(body), ["thinking"])
    if effort == "xhigh" and _NO_XHIGH.search(model.id):
        adaptation.note("effort lowered to high")
        body = {**body, "output_config": {**body["output_config"], "effort": "high"}}
    if _WANTS_BUDGET.search(model.id):
        body = _without_effort(body)
        budget = min(_BUDGETS.get(effort, _DEFAULT_BUDGET), body["max_tokens"] - 1)
    if kind == "disabled":
        return body
    if budget is not None and budget < _LEAST_BUDGET:
        adaptation.note("thinking dropped: max_tokens leaves no room")
        return _without(body, ["thinking"])
    if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
        adaptation.note("thinking dropped: a tool is forced")
        return _without(body, ["thinking"])
    if budget is not None and acts_without_thought(body["messages"]):
        adaptation.note("thinking dropped: the thoughts before the tool call are not there")
        return _without(body, ["thinking"])
    clashing = {"temperature", "top_p", "top_k"} & body.keys()
    if clashing:
        adaptation.note("sampling dropped beside thinking")
    if budget is not None:
        body = {**body, "thinking": {"type": "enabled", "budget_tokens": budget}}
    return _without(body, clashing)


def _thinks(model: Model) -> bool:
    if model.capabilities is None:
        return not _NEVER_THINKS.search(model.id)
    return "thinking" in model.capabilities


def _without(body: Json, names: Iterable[str]) -> Json:
    return {key: value for key, value in body.items() if key not in names}


def _without_effort(body: Json) -> Json:
    config = _without(body.get("output_config") or {}, ["effort"])
    rest = _without(body, ["output_config"])
    return {**rest, "output_config": config} if config else rest
