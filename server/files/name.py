"""The name that a file is shown under: its uploader's, without what could do harm."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from typing import Final

from haystacks.errors import BadRequest

LONGEST: Final = 255
_LONGEST_SUFFIX: Final = 20


def safe_name(given: str, mime: str) -> str:
    """Return the last part of a path as a name of up to 255 characters, none of them invisible.

    Without a name it is ``unnamed``, with the suffix of its type, as at
    Anthropic. Raises ``BadRequest`` for ``.`` and ``..``.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    # C: control characters, and marks that turn the direction of what follows; Zl, Zp: lines.
    seen = [each for each in last if not unicodedata.category(each).startswith(("C", "Zl", "Zp"))]
    name = "".join(seen).strip()
    if name in {".", ".."}:
        raise BadRequest(f'the file can\'t be named "{name}"')
    if not name:
        return f"unnamed{mimetypes.guess_extension(mime) or ''}"
    return _short(name)


def _short(name: str) -> str:
    """Cut a name before its suffix."""
    if len(name) <= LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > _LONGEST_SUFFIX:
        return name[:LONGEST]
    return f"{stem[: LONGEST - len(suffix) - 1]}{dot}{suffix}"
