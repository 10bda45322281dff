"""Files that a request names by id: which ones, and their contents in their place."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from haystacks.dialect import Json
from haystacks.errors import BadRequest

# Whoever finds this nowhere in a body need not look into it.
MARK: Final = b'"file_id"'

_PDF: Final = "application/pdf"
_IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# A picture in a document in a tool's result: nothing that a client sends goes deeper.
_DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of a file, and what they were found to be."""

    mime: str
    data: bytes


def file_ids(request: Json) -> list[str]:
    """Return the ids of all files in an Anthropic request, each as often as it stands there."""
    return [file_id for message in _mappings(request.get("messages")) for file_id in _ids(message)]


def with_contents(request: Json, contents: Mapping[str, FileContent]) -> Json:
    """Return the request with these files inside of it; others stay as they are.

    Raises ``BadRequest`` for a block that can't hold its file.
    """
    messages = request.get("messages")
    if not isinstance(messages, list):
        return request
    return {**request, "messages": [_filled(message, contents) for message in messages]}


def _ids(block: Json, depth: int = 0) -> Iterator[str]:
    match block:
        case {"type": "container_upload", "file_id": str(file_id)}:
            yield file_id
        case {"type": "image" | "document", "source": {"type": "file", "file_id": str(file_id)}}:
            yield file_id
        case {"type": "document", "source": {"type": "content"} as source} if depth < _DEEPEST:
            yield from _ids(source, depth + 1)
        case {"content": list(inner)} if depth < _DEEPEST:
            for each in _mappings(inner):
                yield from _ids(each, depth + 1)


def _filled(block: Any, contents: Mapping[str, FileContent], depth: int = 0) -> Any:
    match block:
        case {"type": "container_upload", "file_id": str(file_id)} if file_id in contents:
            raise BadRequest(
                f"container_upload: {file_id} is stored here, where no container can reach it"
            )
        case {
            "type": "image" | "document" as kind,
            "source": {"type": "file", "file_id": str(file_id)},
        } if file_id in contents:
            return {**block, "source": _source(kind, file_id, contents[file_id])}
        case {"type": "document", "source": {"type": "content"} as source} if depth < _DEEPEST:
            return {**block, "source": _filled(source, contents, depth + 1)}
        case {"content": list(inner)} if depth < _DEEPEST:
            return {**block, "content": [_filled(each, contents, depth + 1) for each in inner]}
    return block


def _source(kind: str, file_id: str, content: FileContent) -> Json:
    """Return the source that holds a content itself."""
    if content.mime in ({_PDF} if kind == "document" else _IMAGES):
        data = base64.b64encode(content.data).decode()
        return {"type": "base64", "media_type": content.mime, "data": data}
    if kind == "document" and content.mime not in _IMAGES and b"\0" not in content.data:
        with contextlib.suppress(UnicodeDecodeError):
            return {"type": "text", "media_type": "text/plain", "data": content.data.decode()}
    wanted = "PDF or UTF-8 text" if kind == "document" else "PNG, JPEG, GIF or WebP"
    raise BadRequest(f"{kind}: the file {file_id} is {content.mime}, and must be {wanted}")


def _mappings(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
