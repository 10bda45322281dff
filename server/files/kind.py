"""What kind of file it is: what its bytes show, held against what the uploader says."""

from __future__ import annotations

import codecs
import csv
import mimetypes
import re
from typing import Final

import orjson

from haystacks.errors import BadRequest

UNKNOWN: Final = "application/octet-stream"
JSON: Final = "application/json"
ZIP: Final = "application/zip"

_HEAD: Final = 64 * 1024
_SIGNATURES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", ZIP),
)
_SIGNED: Final = frozenset({mime for _, mime in _SIGNATURES} | {"image/webp"}) - {ZIP}
_ALIASES: Final = {
    "image/jpg": "image/jpeg",
    "text/json": JSON,
    "application/x-pdf": "application/pdf",
}
# Types that are never text; but an image may be written as one.
_MEDIA: Final = ("image/", "audio/", "video/", "font/")
_WRITTEN_IMAGE: Final = "image/svg+xml"
# As RFC 9110 writes a type: it is sent as a header again.
_TYPE: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]{1,127}/[!#$%&'*+.^_`|~0-9a-z-]{1,127}")
_JSON_START: Final = re.compile(rb'\s*(?:\{\s*["}]|\[\s*(?:[\[{"\]\d-]|true|false|null))')


class Evidence:
    """What the bytes of a file show, gathered block by block."""

    def __init__(self) -> None:
        self.size = 0
        self._head = b""
        self._text = True
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def see(self, block: bytes) -> None:
        """Look at the next bytes."""
        self.size += len(block)
        if len(self._head) < _HEAD:
            self._head += block[: _HEAD - len(self._head)]
        if self._text:
            self._text = b"\0" not in block and self._decodes(block)

    def mime(self) -> str:
        """Return the kind of the whole file; of text, the plainest that fits."""
        head = self._head
        for signature, mime in _SIGNATURES:
            if head.startswith(signature):
                return mime
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return "image/webp"
        if not self._text or not self._decodes(b"", final=True):
            return UNKNOWN
        whole = self.size <= len(head)
        if _is_json(head, whole=whole):
            return JSON
        return "text/csv" if _is_csv(head, whole=whole) else "text/plain"

    def _decodes(self, block: bytes, *, final: bool = False) -> bool:
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError:
            return False
        return True


def settle(declared: str, name: str, found: str) -> str:
    """Return the type of a file: the declared one, where the bytes can be that, or what they show.

    A client that declares nothing, or only bytes, declares by its file's name.
    Raises ``BadRequest`` where that is no type, or the bytes are something else.
    """
    asked = declared.partition(";")[0].strip().lower()
    asked = _ALIASES.get(asked, asked)
    if asked in {"", UNKNOWN}:
        by_name = mimetypes.guess_type(name)[0] or ""
        return by_name if by_name and _fits(by_name, found) else found
    if not _TYPE.fullmatch(asked):
        raise BadRequest("the file's content-type is no type like text/plain")
    if not _fits(asked, found):
        shown = "neither UTF-8 text nor a known format" if found == UNKNOWN else found
        raise BadRequest(f"the file is declared as {asked}, but its bytes are {shown}")
    return asked


def _fits(asked: str, found: str) -> bool:
    if found in _SIGNED:
        return asked == found
    if asked in _SIGNED:
        return False
    if found == ZIP:  # office documents, books and programs are all zip files
        return asked.startswith("application/") and asked != JSON
    if found == UNKNOWN:
        return not asked.startswith("text/") and asked not in {JSON, _WRITTEN_IMAGE}
    if asked == JSON:
        return found == JSON
    return asked == _WRITTEN_IMAGE or (asked != ZIP and not asked.startswith(_MEDIA))


def _is_json(head: bytes, *, whole: bool) -> bool:
    """Tell whether a text is JSON; of a long one, whether it begins so."""
    if whole:
        try:
            return isinstance(orjson.loads(head), dict | list)
        except orjson.JSONDecodeError:
            return False
    return _JSON_START.match(head) is not None


def _is_csv(head: bytes, *, whole: bool) -> bool:
    """Tell whether a text is a table: several rows, each with the same commas."""
    lines = head.decode("utf-8", "ignore").splitlines()
    if not whole:
        lines.pop()
    try:
        widths = {len(row) for row in csv.reader(lines, strict=True) if row}
    except csv.Error:
        return False
    return len(lines) > 1 and len(widths) == 1 and widths.pop() > 1
