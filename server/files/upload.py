"""One upload: its bytes to the disk while they arrive, and what they turn out to be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.types import Receive

from haystacks.errors import BadRequest, TooLarge
from server.departure import ClientLeft
from server.files.form import UploadForm
from server.files.kind import settle
from server.files.name import safe_name
from server.files.spool import Spool

EXPIRES: Final = "expires_in_seconds"
# Anthropic's own bounds: an hour, and ninety days.
_SHORTEST, _LONGEST = 3_600, 7_776_000
# What boundaries, headers and fields may take beside the file.
_AROUND: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A whole file on the local disk; ``lasts`` so many seconds, or until it is deleted."""

    path: Path
    name: str
    mime: str
    size: int
    lasts: int | None


@asynccontextmanager
async def received(
    receive: Receive, headers: Mapping[str, str], folder: Path, limit: int
) -> AsyncIterator[Upload]:
    """Give the file that a request uploads; unless it is moved away, it is gone at the end.

    Raises ``BadRequest``, ``TooLarge``, ``ClientLeft`` and ``StorageGone``.
    """
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit + _AROUND:
        raise _too_large(limit)
    form = UploadForm(headers.get("content-type", ""))
    spool = Spool(folder)
    try:
        more, taken = True, 0
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            body = message.get("body", b"")
            taken += len(body)
            data = form.feed(body)
            if taken > limit + _AROUND or spool.size + len(data) > limit:
                raise _too_large(limit)
            if data:
                await spool.write(data)
            more = message.get("more_body", False)
        form.finish()
        lasts = _lasts(form.fields)
        if not spool.size:
            raise BadRequest("the file is empty")
        await spool.finish()
        mime = settle(form.declared, form.filename, spool.evidence.mime())
        yield Upload(spool.path, safe_name(form.filename, mime), mime, spool.size, lasts)
    finally:
        spool.discard()


def _lasts(fields: Mapping[str, str]) -> int | None:
    for name in fields:
        if name != EXPIRES:
            raise BadRequest(f'an upload has no field "{name}"')
    asked = fields.get(EXPIRES)
    if asked is None:
        return None
    if not asked.isascii() or not asked.isdecimal() or not _SHORTEST <= int(asked) <= _LONGEST:
        raise BadRequest(f"{EXPIRES}: must be from {_SHORTEST} to {_LONGEST}")
    return int(asked)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the file is larger than {limit} bytes")
