"""What routing knows of a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the phases may ask. ``tokens`` is a call: counting is dear, and cached."""

    text: str
    model: str = ""
    tokens: Callable[[], int] = field(default=lambda: 0, repr=False)
    max_tokens: int | None = None
    tools: bool = False
    images: bool = False
    thinking: bool = False
    web_search: bool = False
    continues_turn: bool = False
    session: str = ""
    turn: str = ""
    headers: Mapping[str, str] = field(default=MappingProxyType({}), repr=False)
