"""Text, pictures and documents inside a message, in both directions."""

from __future__ import annotations

import re
from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.block_marks import note_marks

_DATA_URL: Final = re.compile(r"data:([^;,]+)(?:;[^;,]*)*;base64,(.*)", re.DOTALL)
_PDF: Final = "application/pdf"
_UNTITLED: Final = "document.pdf"


def decode_parts(content: Any, adaptation: Adaptation) -> list[Json]:
    """OpenAI's content, a string or parts -> canonical blocks."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    found = (_decode_part(part, adaptation) for part in content or ())
    return [block for block in found if block]


def _decode_part(part: Json, adaptation: Adaptation) -> Json | None:
    kind = part["type"]
    if kind == "text":
        return {"type": "text", "text": part["text"]}
    if kind == "refusal":
        return {"type": "text", "text": str(part.get("refusal", ""))}
    if kind == "image_url":
        url = part["image_url"]
        return {"type": "image", "source": _decode_url(url if isinstance(url, str) else url["url"])}
    if kind == "file":
        document = _decode_file(part.get("file"))
        if document:
            return document
    adaptation.refuse(f"a content part of type {kind} is not supported")
    return None


def _decode_url(url: str) -> Json:
    data = _DATA_URL.fullmatch(url)
    if data:
        return {"type": "base64", "media_type": data[1], "data": data[2]}
    return {"type": "url", "url": url}


def _decode_file(file: Any) -> Json | None:
    if not isinstance(file, dict) or not isinstance(file.get("file_data"), str):
        return None  # a file_id means nothing to another provider
    source = _decode_url(file["file_data"])
    if source.get("media_type") != _PDF:
        return None
    document: Json = {"type": "document", "source": source}
    title = file.get("filename")
    return {**document, "title": title} if title and title != _UNTITLED else document


def encode_parts(blocks: list[Json], adaptation: Adaptation) -> list[Json]:
    """Canonical blocks of a user's message or a tool result -> OpenAI's content parts."""
    parts: list[Json] = []
    for block in blocks:
        note_marks(block, adaptation)
        parts += _encode_block(block, adaptation)
    return parts


def _encode_block(block: Json, adaptation: Adaptation) -> list[Json]:
    kind = block["type"]
    if kind == "text":
        return [_text(block["text"])] if block["text"].strip() else []
    if kind == "image":
        url = _encode_source(block["source"])
        if url:
            return [{"type": "image_url", "image_url": {"url": url}}]
        kind = f"image {block['source'].get('type')}"
    elif kind == "document":
        parts = _encode_document(block, adaptation)
        if parts:
            return parts
        kind = f"document {block['source'].get('type')}"
    elif kind == "search_result":
        found = "\n".join(piece.get("text", "") for piece in block.get("content", ()))
        return [_text(f"{block.get('title', '')}\n{block.get('source', '')}\n{found}")]
    elif kind == "tool_reference":
        adaptation.note("tool_reference expanded")
        return [_text(f"The tool {block.get('tool_name')} is loaded.")]
    adaptation.refuse(f"a {kind} block can't be sent to this provider")
    return []


def _encode_source(source: Json) -> str | None:
    if source.get("type") == "base64":
        return f"data:{source.get('media_type')};base64,{source.get('data')}"
    url = source.get("url") if source.get("type") == "url" else None
    return url if isinstance(url, str) else None


def _encode_document(block: Json, adaptation: Adaptation) -> list[Json]:
    source = block["source"]
    title = block.get("title")
    if source.get("type") == "base64":
        file = {"filename": title or _UNTITLED, "file_data": _encode_source(source)}
        return [{"type": "file", "file": file}]
    heading = [_text(title)] if title else []
    blocks = source.get("content") if source.get("type") == "content" else None
    if blocks and not isinstance(blocks, str):
        return heading + encode_parts(blocks, adaptation)
    content = blocks or source.get("data")
    return [*heading, _text(content)] if isinstance(content, str) else []


def _text(text: str) -> Json:
    return {"type": "text", "text": text}
