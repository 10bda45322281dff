"""What a provider says, whatever the wire format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ToolCall:
    name: str
    input: dict[str, Any] = field(default_factory=dict)
    id: str = "toolu_standin_1"


@dataclass(frozen=True, slots=True)
class Said:
    """``stop`` is Anthropic's word for it; empty: what the content suggests.

    ``input_tokens`` are those outside the cache. ``model`` empty: the one asked for.
    """

    text: str = "Hello from the stand-in."
    calls: tuple[ToolCall, ...] = ()
    thinking: str = ""
    signature: str = "c3RhbmQtaW4="
    stop: str = ""
    model: str = ""
    input_tokens: int = 25
    output_tokens: int = 12
    cached_tokens: int = 0

    @property
    def stop_reason(self) -> str:
        return self.stop or ("tool_use" if self.calls else "end_turn")


class Language(Protocol):
    """A wire format: each of its modules fits this."""

    def whole(self, said: Said, asked: dict[str, Any]) -> dict[str, Any]: ...

    def frames(self, said: Said, asked: dict[str, Any]) -> Iterator[bytes]: ...

    def error(self, kind: str, message: str) -> dict[str, Any]: ...

    def error_frame(self, kind: str, message: str) -> bytes: ...


def words(text: str) -> Iterator[str]:
    """Cut a text as a model would say it; joined, the pieces are the text again."""
    return (found.group() for found in re.finditer(r"\S+\s*|\s+", text))


def pieces(text: str, size: int = 9) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))
