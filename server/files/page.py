"""One page of a list, as both generations of Anthropic's SDKs ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from haystacks.errors import BadRequest
from server.files.stored import StoredFile

_USUAL: Final = 20
_LARGEST: Final = 1000
_CURSOR: Final = "page_"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which files: those behind ``after``, or before ``before``, up to ``limit``, newest first."""

    limit: int = _USUAL
    after: str = ""
    before: str = ""


def asked(query: Mapping[str, str]) -> Asked:
    """Read a query: ``limit``, with ``page``, ``after_id`` or ``before_id``."""
    limit = query.get("limit", str(_USUAL))
    size = int(limit) if limit.isascii() and limit.isdecimal() and len(limit) < 5 else 0
    if not 1 <= size <= _LARGEST:
        raise BadRequest(f"limit: must be from 1 to {_LARGEST}")
    if page := query.get("page"):
        if not page.startswith(_CURSOR):
            raise BadRequest("page: must be the next_page of a list")
        return Asked(size, after=page.removeprefix(_CURSOR))
    if after := query.get("after_id"):
        return Asked(size, after=after)
    return Asked(size, before=query.get("before_id", ""))


def told(found: list[StoredFile], *, more: bool) -> dict[str, Any]:
    """Return a page; ``next_page`` is what newer SDKs go by, the rest is for older ones."""
    last = found[-1].id if found else None
    return {
        "data": [each.as_dict() for each in found],
        "has_more": more,
        "first_id": found[0].id if found else None,
        "last_id": last,
        "next_page": f"{_CURSOR}{last}" if more else None,
    }
