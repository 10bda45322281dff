"""What a block carries beside its content, and only Anthropic reads."""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Adaptation, Json


def note_marks(block: Json, adaptation: Adaptation) -> None:
    """Note the marks that a block loses where another provider gets it."""
    if "cache_control" in block:
        adaptation.note("cache_control dropped")
    citations: Any = block.get("citations")  # a document's wish for them, or those of a text
    if citations and citations != {"enabled": False}:
        adaptation.note("citations dropped")
