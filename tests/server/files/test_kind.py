"""A file is what its bytes show, and what its uploader says must fit that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.errors import BadRequest
from server.files.kind import UNKNOWN, Evidence, settle

BYTES = {
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3",
    "image/png": b"\x89PNG\r\n\x1a\n\0\0",
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "image/gif": b"GIF89a\1\0\1\0",
    "image/webp": b"RIFF\x1a\0\0\0WEBPVP8L",
    "application/zip": b"PK\x03\x04\x14\0",
    "application/json": b' {"a": [1, 2]}\n',
    "text/csv": b'name,size\n"a, b",1\nc,2\n',
    "text/plain": "Prose, with a comma; nothing more. Ø".encode(),
    UNKNOWN: b"\x7fELF\x02\x01\x01\0",
}


def found(data: bytes, block: int = 1 << 20) -> str:
    evidence = Evidence()
    for start in range(0, len(data), block):
        evidence.see(data[start : start + block])
    assert evidence.size == len(data)
    return evidence.mime()


@pytest.mark.parametrize("mime", BYTES)
@pytest.mark.parametrize("block", [1, 3, 1 << 20])
def test_bytes_show_what_they_are_however_they_arrive(mime: str, block: int) -> None:
    assert found(BYTES[mime], block) == mime


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b'{"cut": ', "text/plain"),
        (b'{"long": "' + b"x" * 100_000 + b'"}', "application/json"),
        (b"[note] " + b"long prose " * 10_000, "text/plain"),
        (b"42", "text/plain"),
        (b"a,b\n1,2\n" * 20_000, "text/csv"),
        (b"a,b\n1,2,3\n", "text/plain"),
        (b"text" * 50_000 + b"\0", UNKNOWN),
        (b"text" * 50_000 + b"\xff", UNKNOWN),
        ("half a letter: Ø".encode()[:-1], UNKNOWN),
        ("\ufeffbyte order mark".encode(), "text/plain"),
    ],
)
def test_text_is_judged_by_all_of_it_and_its_form_by_its_beginning(data: bytes, mime: str) -> None:
    assert found(data, 4096) == mime


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("text/plain; charset=utf-8", "text/plain"),
        ("text/markdown", "text/csv"),
        ("text/plain", "application/json"),
        ("image/jpg", "image/jpeg"),
        ("IMAGE/PNG", "image/png"),
        ("image/svg+xml", "text/plain"),
        ("application/x-yaml", "text/plain"),
        ("application/epub+zip", "application/zip"),
        ("audio/mpeg", UNKNOWN),
    ],
)
def test_what_is_declared_stands_where_the_bytes_can_be_that(declared: str, shown: str) -> None:
    plain = declared.partition(";")[0].lower()
    assert settle(declared, "", shown) in {plain, shown}
    assert settle(declared, "", shown) == plain.replace("jpg", "jpeg")


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("image/png", "image/jpeg"),
        ("image/png", "text/plain"),
        ("application/pdf", "text/plain"),
        ("application/pdf", "application/zip"),
        ("text/plain", "application/pdf"),
        ("text/plain", UNKNOWN),
        ("application/json", "text/csv"),
        ("application/json", UNKNOWN),
        ("application/zip", "text/plain"),
        ("audio/mpeg", "text/plain"),
        ("application/octet-stream+x", "image/png"),
    ],
)
def test_a_contradiction_is_refused_and_names_both(declared: str, shown: str) -> None:
    with pytest.raises(BadRequest) as refused:
        settle(declared, "a.txt", shown)
    assert declared in refused.value.message
    assert shown in refused.value.message or "no" in refused.value.message


@pytest.mark.parametrize(
    ("name", "shown", "mime"),
    [
        ("notes.md", "text/plain", "text/markdown"),
        ("table.csv", "text/plain", "text/csv"),
        ("picture.png", "image/jpeg", "image/jpeg"),
        ("picture.png", "text/plain", "text/plain"),
        ("", "application/json", "application/json"),
        ("unknown.xyz123", UNKNOWN, UNKNOWN),
    ],
)
def test_who_declares_only_bytes_is_understood_by_the_name_or_else_by_the_bytes(
    name: str, shown: str, mime: str
) -> None:
    assert settle(UNKNOWN, name, shown) == mime
    assert settle("", name, shown) == mime


@given(st.binary(max_size=300))
def test_any_bytes_have_a_kind_that_may_be_declared(data: bytes) -> None:
    shown = found(data)
    assert settle(shown, "", shown) == shown


@pytest.mark.parametrize(
    "declared", ["plain", "text/", "text/x\nset-cookie: a=b", "text/\0", "text/\ufffd", "text/a b"]
)
def test_what_no_header_can_hold_is_no_type(declared: str) -> None:
    with pytest.raises(BadRequest, match="no type"):
        settle(declared, "", "text/plain")
