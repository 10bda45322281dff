from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.image_size import image_size

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + struct.pack(">II", 1920, 1080)
GIF = b"GIF89a" + struct.pack("<HH", 320, 200)
VP8X = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\x7f\x07\0" + b"\x37\x04\0"
VP8L = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 639 | 479 << 14) + bytes(8)
VP8 = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480)


def jpeg(exif: int, start_of_frame: int = 0xC0) -> bytes:
    app1 = b"\xff\xe1" + struct.pack(">H", exif + 2) + b"\xff" * exif
    tables = b"\xff\xc4" + struct.pack(">H", 4) + b"\0\0"
    frame = bytes([0xFF, start_of_frame]) + b"\0\x11\x08" + struct.pack(">HH", 3024, 4032)
    return b"\xff\xd8" + app1 + tables + b"\xff" + frame + bytes(64)


def read(image: bytes) -> tuple[int, int] | None:
    return image_size(base64.b64encode(image).decode())


@pytest.mark.parametrize(
    ("image", "size"),
    [
        (PNG + bytes(100), (1920, 1080)),
        (GIF + bytes(2), (320, 200)),
        (VP8X, (1920, 1080)),
        (VP8L, (640, 480)),
        (VP8, (640, 480)),
        (jpeg(exif=20), (4032, 3024)),
        (jpeg(exif=20, start_of_frame=0xC2), (4032, 3024)),
        (jpeg(exif=65_000), (4032, 3024)),
    ],
    ids=["png", "gif", "webp", "webp-lossless", "webp-lossy", "jpeg", "progressive", "exif"],
)
def test_the_size_of_every_usual_kind_of_image_is_read(image: bytes, size: tuple[int, int]) -> None:
    assert read(image) == size


@pytest.mark.parametrize("image", [PNG, GIF, VP8X, VP8L, VP8, jpeg(20)])
def test_an_image_cut_short_has_no_size_and_does_no_harm(image: bytes) -> None:
    assert all(read(image[:end]) in {None, read(image)} for end in range(len(image)))
    assert read(image[:9]) is None


@given(st.binary(max_size=40), st.sampled_from([b"", PNG[:16], b"\xff\xd8\xff", VP8X[:12]]))
def test_any_bytes_have_a_size_or_none(data: bytes, start: bytes) -> None:
    size = read(start + data)
    assert size is None or min(size) >= 0


@given(st.text(max_size=40))
def test_any_text_is_safe_to_ask_about(text: str) -> None:
    size = image_size(text)
    assert size is None or min(size) >= 0
