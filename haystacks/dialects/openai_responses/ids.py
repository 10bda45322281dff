"""Identifiers of answers and their items, made the same way every time."""

from __future__ import annotations

import re
from typing import Final

_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_-]+")


def message_id(raw: str) -> str:
    """Response id -> a message id."""
    return "msg_" + _FOREIGN.sub("", raw.removeprefix("resp_"))


def response_id(raw: str) -> str:
    """Message id -> a response id."""
    return "resp_" + _FOREIGN.sub("", raw.removeprefix("msg_"))


def item_id(prefix: str, response: str, index: int) -> str:
    """Return the id of an output item: of what kind it is (``msg``), whose, and in which place."""
    return f"{prefix}_{response.removeprefix('resp_')}_{index}"
