"""The pages that Gemini names as the ground of its answer, as citations."""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Json
from haystacks.dialects.citations import web_citation


def decode_grounding(candidate: Json) -> list[Json]:
    """Return a citation for each page; other grounds (files, maps) have no form."""
    metadata: Any = candidate.get("groundingMetadata")
    chunks = metadata.get("groundingChunks") if isinstance(metadata, dict) else None
    pages = (
        chunk.get("web")
        for chunk in (chunks if isinstance(chunks, list) else ())
        if isinstance(chunk, dict)
    )
    return [
        web_citation(page["uri"], page.get("title"))
        for page in pages
        if isinstance(page, dict) and isinstance(page.get("uri"), str)
    ]
