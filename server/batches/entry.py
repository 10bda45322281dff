"""One request of a batch as it was sent: checked before anything is promised."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from haystacks.dialect import Adaptation
from haystacks.dialects.table import DIALECTS
from haystacks.errors import BadRequest

# Where one request of a batch names a role of its own, inside its ``metadata``.
ROLE: Final = "rolegraph_role"

_CUSTOM_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that may be promised. ``body`` is what ``/v1/messages`` takes."""

    custom_id: str
    role: str
    body: bytes = field(repr=False)


def read_entry(entry: Any, number: int, known: Collection[str]) -> Entry:
    """Return an entry of the list, checked as ``/v1/messages`` would check it.

    ``known`` are the ``custom_id`` before it. Raises ``BadRequest`` that names the place.
    """
    place = f"requests.{number}"
    if not isinstance(entry, dict):
        raise BadRequest(f"{place}: Input should be a valid dictionary")
    custom_id, params = entry.get("custom_id"), entry.get("params")
    if custom_id is None:
        raise BadRequest(f"{place}.custom_id: Field required")
    if not isinstance(custom_id, str) or not _CUSTOM_ID.fullmatch(custom_id):
        raise BadRequest(f"{place}.custom_id: String should match pattern '^{_CUSTOM_ID.pattern}$'")
    if custom_id in known:
        raise BadRequest(f'{place}.custom_id: "{custom_id}" is not unique in this batch')
    if params is None:
        raise BadRequest(f"{place}.params: Field required")
    if not isinstance(params, dict):
        raise BadRequest(f"{place}.params: Input should be a valid dictionary")
    if params.get("stream"):
        raise BadRequest(f"{place}.params.stream: a request of a batch can't be streamed")
    try:
        DIALECTS["anthropic"].decode_request(params, Adaptation())
    except BadRequest as wrong:
        raise BadRequest(f"{place}.params.{wrong.message}") from wrong
    role, params = _role(params, place)
    try:
        body = orjson.dumps(params)
    except orjson.JSONEncodeError as error:
        raise BadRequest(f"{place}.params: {error}") from error
    return Entry(custom_id, role, body)


def _role(params: dict[str, Any], place: str) -> tuple[str, dict[str, Any]]:
    """Return the role that a request names for itself, and the request without it.

    Anthropic refuses unknown metadata.
    """
    metadata = params.get("metadata") or {}
    if ROLE not in metadata:
        return "", params
    role = metadata[ROLE]
    if not isinstance(role, str) or not role.isprintable():
        raise BadRequest(f"{place}.params.metadata.{ROLE}: Input should be a valid string")
    rest = {name: value for name, value in metadata.items() if name != ROLE}
    kept = {name: value for name, value in params.items() if name != "metadata"}
    return role.strip(), {**kept, "metadata": rest} if rest else kept
