"""An upload's form is read alike however it is cut, and what is no such form is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.errors import BadRequest
from server.files.form import UploadForm

KIND = "multipart/form-data; boundary=limit"


def part(headers: str, data: bytes) -> bytes:
    lines = headers.replace("\n", "\r\n").encode()
    return b"--limit\r\n" + lines + b"\r\n\r\n" + data + b"\r\n"


def file(data: bytes = b"abc") -> bytes:
    return part(
        'Content-Disposition: form-data; name="file"; filename="a.txt"\nContent-Type: text/plain',
        data,
    )


def field(name: str, value: bytes) -> bytes:
    return part(f'content-disposition: form-data; name="{name}"', value)


END = b"--limit--\r\n"


def read(body: bytes, kind: str = KIND, size: int = 7) -> tuple[UploadForm, bytes]:
    form = UploadForm(kind)
    data = b"".join(form.feed(body[start : start + size]) for start in range(0, len(body), size))
    form.finish()
    return form, data


@given(st.binary(max_size=200), st.integers(1, 50))
def test_the_file_is_the_same_however_the_body_is_cut(data: bytes, size: int) -> None:
    body = field("expires_in_seconds", b"3600") + file(data) + END
    form, read_data = read(body, size=size)
    assert read_data == data
    assert (form.filename, form.declared) == ("a.txt", "text/plain")
    assert form.fields == {"expires_in_seconds": "3600"}


def test_a_name_is_read_as_browsers_and_sdks_write_it() -> None:
    head = 'Content-Disposition: form-data; name="file"; filename="50%25 of %22a%22%0D%0A.txt"'
    assert read(part(head, b"abc") + END)[0].filename == '50%25 of "a"\r\n.txt'


def test_a_file_may_hold_what_looks_almost_like_its_end() -> None:
    data = b"\r\n--limi\r\n--limi\r\n--\r\r\n-"
    assert read(file(data) + END)[1] == data


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "ends before its last boundary"),
        (file()[:-9], "ends before its last boundary"),
        (file(), "ends before its last boundary"),
        (file() + END[:-4], "ends before its last boundary"),
        (b"--other\r\n\r\n\r\n--other--\r\n", "no multipart form"),
        (b"no form at all", "no multipart form"),
        (field("expires_in_seconds", b"1") + END, 'no part named "file"'),
        (file() + file() + END, "more than one file"),
        (file() + part('content-disposition: form-data; name="b"; filename="b"', b"") + END, '"b"'),
        (field("a", b"x" * 2000) + file() + END, "too long"),
        (field("a", b"") + field("a", b"") + file() + END, "too many fields"),
        (b"".join(field(f"f{each}", b"") for each in range(17)) + file() + END, "too many fields"),
        (part("x: " + "y" * 100_000, b""), "no multipart form"),
        (part("\n".join(["a: b"] * 1000), b""), "no multipart form"),
    ],
)
def test_what_is_no_whole_form_with_one_file_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        read(body)


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'b' * 1000}",
    ],
)
def test_another_type_of_body_is_refused_before_it_is_read(kind: str) -> None:
    with pytest.raises(BadRequest):
        UploadForm(kind)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read(b"--limit" + body)
    except BadRequest:
        return
