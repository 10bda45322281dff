"""Text, pictures and documents inside an item: chat's parts under other names."""

from __future__ import annotations

from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.block_marks import note_marks
from haystacks.dialects.openai_chat import parts as chat
from haystacks.errors import BadRequest

_TEXTS: Final = ("input_text", "output_text", "text")
_UNREMARKABLE: Final = (None, "auto")


def decode_parts(content: Any, adaptation: Adaptation, place: str) -> list[Json]:
    """Content, a string or parts -> canonical blocks. Raises ``BadRequest`` with the place."""
    if content is None:
        return []
    if isinstance(content, str):
        return chat.decode_parts(content, adaptation)
    if not isinstance(content, list):
        raise BadRequest(f"{place} must be a string or a list of parts")
    blocks = (
        _decode_part(part, adaptation, f"{place}[{index}]") for index, part in enumerate(content)
    )
    return [block for block in blocks if block]


def _decode_part(part: Any, adaptation: Adaptation, place: str) -> Json | None:
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(kind, str):
        raise BadRequest(f"{place}.type must be a string")
    if kind in _TEXTS:
        if not isinstance(part.get("text"), str):
            raise BadRequest(f"{place}.text must be a string")
        if part.get("annotations"):
            adaptation.note("citations dropped")
        return {"type": "text", "text": part["text"]}
    if kind == "input_file" and isinstance(part.get("file_url"), str):
        return {"type": "document", "source": {"type": "url", "url": part["file_url"]}}
    if kind == "input_image" and part.get("detail") not in _UNREMARKABLE:
        adaptation.note("image detail dropped")
    for known in chat.decode_parts([_chat_part(kind, part)], adaptation):
        return known
    return None


def _chat_part(kind: str, part: Json) -> Json:
    """Return the same part of a chat message; a file_id means nothing to another provider."""
    if kind == "input_image" and isinstance(part.get("image_url"), str):
        return {"type": "image_url", "image_url": {"url": part["image_url"]}}
    if kind == "input_file" and isinstance(part.get("file_data"), str):
        return {"type": "file", "file": part}
    return {**part, "type": kind}


def encode_parts(blocks: list[Json], adaptation: Adaptation) -> list[Json]:
    """Canonical blocks of a user's message or a tool result -> parts of an item."""
    parts: list[Json] = []
    for block in blocks:
        if block["type"] == "document" and block["source"].get("type") == "url":
            note_marks(block, adaptation)
            parts.append({"type": "input_file", "file_url": block["source"].get("url")})
        else:
            parts += map(_encode_part, chat.encode_parts([block], adaptation))
    return parts


def _encode_part(part: Json) -> Json:
    match part["type"]:
        case "image_url":
            return {"type": "input_image", "image_url": part["image_url"]["url"], "detail": "auto"}
        case "file":
            return {"type": "input_file", **part["file"]}
    return {"type": "input_text", "text": part["text"]}
