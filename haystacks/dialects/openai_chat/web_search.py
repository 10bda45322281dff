"""Web search, which some models do by themselves where Anthropic has a tool for it."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Adaptation, Json
from haystacks.pool import Model

_TOOL: Final = "web_search"
_ALSO_TOLD: Final = ("allowed_domains", "blocked_domains", "max_uses")
"""What the tool can say and the options can't."""


def split_web_search(canonical: Json, model: Model, adaptation: Adaptation) -> tuple[Json, Json]:
    """Return the request without its search tool, and the options that stand for it.

    Only for a model that can search: from any other the tool is not taken, and
    will be refused by name.
    """
    tools = canonical.get("tools") or []
    searching = [tool for tool in tools if str(tool.get("type")).startswith(_TOOL)]
    if not searching or "web_search" not in (model.capabilities or ()):
        return canonical, {}
    adaptation.note("web_search left to the model")
    for name in _ALSO_TOLD:
        if name in searching[0]:
            adaptation.note(f"{name} dropped")
    rest = {**canonical, "tools": [tool for tool in tools if tool not in searching]}
    if (canonical.get("tool_choice") or {}).get("name") == searching[0].get("name"):
        del rest["tool_choice"]
    return rest, {"web_search_options": _options(searching[0])}


def _options(tool: Json) -> Json:
    place = tool.get("user_location")
    if not isinstance(place, dict):
        return {}
    approximate = {key: value for key, value in place.items() if key != "type"}
    return {"user_location": {"type": "approximate", "approximate": approximate}}
