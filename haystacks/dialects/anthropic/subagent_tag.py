"""The tag in which claude-code-router's users name the model of a subagent.

``<CCR-SUBAGENT-MODEL>haystack,model</CCR-SUBAGENT-MODEL>`` begins the prompt in
an agent's file, and so one of the first blocks of its system prompt.
"""

from __future__ import annotations

import re
from typing import Any, Final

from haystacks.dialect import Json

_TAG: Final = re.compile(r"\s*<CCR-SUBAGENT-MODEL>([^<]*)</CCR-SUBAGENT-MODEL>\s*")
# Claude Code puts two blocks of its own before the agent's.
_LOOKED_AT: Final = 3


def obey_tag(request: Json) -> Json:
    """Return the request with the model that its tag names, and without the tag.

    A request without a tag, or with an empty one, is returned itself.
    """
    system: Any = request.get("system")
    if isinstance(system, str):
        found = _TAG.match(system)
        return _named(request, found, found.string[found.end() :]) if found else request
    for index, block in enumerate((system or ())[:_LOOKED_AT]):
        found = _TAG.match(block["text"]) if block["type"] == "text" else None
        if found:
            text = found.string[found.end() :]
            rest = [{**block, "text": text}] if text else []
            return _named(request, found, [*system[:index], *rest, *system[index + 1 :]])
    return request


def _named(request: Json, found: re.Match[str], system: str | list[Json]) -> Json:
    model = found[1].strip()
    if not model:
        return request
    kept = {**request, "model": model, "system": system}
    if not system:
        del kept["system"]
    return kept
