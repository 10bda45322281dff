"""Put the files that a message names into it, for providers that know nothing of them."""

from __future__ import annotations

import asyncio

from haystacks.dialect import Json
from haystacks.errors import TooLarge
from haystacks.file_sources import FileContent, file_ids, with_contents
from server.files.files import Files


async def inlined(
    files: Files, owner: str, request: Json, limit: int
) -> tuple[Json, tuple[str, ...]]:
    """Return an Anthropic request with the owner's files inside, and the ids that it lacks.

    Without any file it is the same object. Raises ``BadRequest`` for a block that
    can't hold its file, ``TooLarge`` where the files make it larger than ``limit``
    bytes, and ``StorageGone``.
    """
    ids = file_ids(request)
    if not ids:
        return request, ()
    known = {file.id: file for file in await files.known(owner, set(ids))}
    absent = tuple(dict.fromkeys(file_id for file_id in ids if file_id not in known))
    # Base64 takes four characters for three bytes; a file may stand there twice.
    if sum(known[file_id].size * 4 // 3 for file_id in ids if file_id in known) > limit:
        raise TooLarge(f"its files make the request larger than {limit} bytes")
    contents: dict[str, FileContent] = {}
    for file in known.values():
        data = b"".join([piece async for piece in files.content(file)])
        contents[file.id] = FileContent(file.mime, data)
    if not contents:
        return request, absent
    return await asyncio.to_thread(with_contents, request, contents), absent
