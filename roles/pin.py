"""A pin: the model that a person has chosen for the whole session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from roles.lane import NOBODY, Key

HEADER: Final = "x-rolegraph-pin"


def pin_of(headers: Mapping[str, str]) -> Key | None:
    """Return haystack and model that the header names; ``NOBODY`` takes the pin away.

    ``None`` where there is no such header: what was pinned before stays.
    """
    told = headers.get(HEADER)
    if not told:
        return None
    if told.strip().lower() == "none":
        return NOBODY
    haystack, _, model = told.partition("," if "," in told else ":")
    return haystack.strip(), model.strip()
