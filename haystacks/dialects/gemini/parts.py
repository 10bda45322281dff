"""Text, pictures and documents: canonical blocks -> Gemini's parts."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.block_marks import note_marks

_READABLE: Final = frozenset(
    {
        "application/pdf",
        "image/heic",
        "image/heif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/plain",
    }
)
_BY_SUFFIX: Final = {
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".webp": "image/webp",
}
_USUAL: Final = {"image": "image/jpeg", "document": "application/pdf"}


def encode_parts(blocks: list[Json], adaptation: Adaptation) -> list[Json]:
    """Return the parts of a user's message or a tool result; what has no form is refused."""
    parts: list[Json] = []
    for block in blocks:
        note_marks(block, adaptation)
        parts += _encode_block(block, adaptation)
    return parts


def _encode_block(block: Json, adaptation: Adaptation) -> list[Json]:
    match block["type"]:
        case "text":
            return [{"text": block["text"]}] if block["text"].strip() else []
        case "image":
            return _media(block, adaptation)
        case "document":
            return _document(block, adaptation)
        case "search_result":
            found = "\n".join(piece.get("text", "") for piece in block.get("content", ()))
            return [{"text": f"{block.get('title', '')}\n{block.get('source', '')}\n{found}"}]
        case "tool_reference":
            adaptation.note("tool_reference expanded")
            return [{"text": f"The tool {block.get('tool_name')} is loaded."}]
        case kind:
            adaptation.refuse(f"a {kind} block can't be sent to Gemini")
            return []


def _document(block: Json, adaptation: Adaptation) -> list[Json]:
    source = block["source"]
    heading = [{"text": block["title"]}] if block.get("title") else []
    content: Any = source.get("content") if source.get("type") == "content" else None
    if isinstance(content, list):
        return heading + encode_parts(content, adaptation)
    text = source.get("data") if source.get("type") == "text" else content
    if isinstance(text, str):
        return [*heading, {"text": text}]
    return heading + _media(block, adaptation)


def _media(block: Json, adaptation: Adaptation) -> list[Json]:
    kind, source = block["type"], block["source"]
    match source.get("type"):
        case "base64":
            media = str(source.get("media_type"))
            part = {"inlineData": {"mimeType": media, "data": source.get("data")}}
        case "url":
            url = str(source.get("url"))
            media = _BY_SUFFIX.get(_suffix(url), _USUAL[kind])
            part = {"fileData": {"mimeType": media, "fileUri": url}}
        case other:
            adaptation.refuse(f"{kind} {other} can't be sent to Gemini")
            return []
    if media not in _READABLE:
        adaptation.refuse(f"{kind} {media} can't be read by Gemini")
        return []
    return [part]


def _suffix(url: str) -> str:
    try:
        return PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:
        return ""
