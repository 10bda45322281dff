"""The width and height of an image, read from its first bytes."""

from __future__ import annotations

import binascii

Size = tuple[int, int]

# In base64 characters. A camera's JPEG may hold 64 kB of Exif before its size.
_HEAD = 2_048
_LONG_HEAD = 196_608
# Start of frame: every C0-CF marker but DHT (C4), JPG (C8) and DAC (CC).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def image_size(base64_data: str) -> Size | None:
    """Return (width, height) in pixels of a PNG, JPEG, GIF or WebP, or None if it can't be read."""
    head = _decode(base64_data[:_HEAD])
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
        return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    if head[:6] in {b"GIF87a", b"GIF89a"} and len(head) >= 10:
        return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and len(head) >= 30:
        return _webp(head)
    if head.startswith(b"\xff\xd8"):
        return _jpeg(head) or _jpeg(_decode(base64_data[:_LONG_HEAD]))
    return None


def _decode(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text[: len(text) // 4 * 4])
    except ValueError:  # binascii.Error, and characters that are not ASCII
        return b""


def _webp(head: bytes) -> Size | None:
    match head[12:16]:
        case b"VP8X":
            width, height = head[24:27], head[27:30]
            return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = head[26:28], head[28:30]
            return (
                int.from_bytes(width, "little") & 0x3FFF,
                int.from_bytes(height, "little") & 0x3FFF,
            )
        case _:
            return None


def _jpeg(head: bytes) -> Size | None:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker in _FRAMES:
            height, width = head[at + 5 : at + 7], head[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        # A marker may be preceded by any number of FF; else its segment names its length.
        at += 1 if marker == 0xFF else 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None
