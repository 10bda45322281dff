"""A file's name can do no harm, wherever it is shown or written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.errors import BadRequest
from server.files.name import LONGEST, safe_name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\notes.txt", "notes.txt"),
        ("/absolute/path.csv", "path.csv"),
        ("Ørsted €.txt", "Ørsted €.txt"),
        ("two\r\nlines\0.txt", "twolines.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("  padded.txt ", "padded.txt"),
        (".env", ".env"),
        ("folder/", "unnamed.pdf"),
        ("", "unnamed.pdf"),
        ("\x01\x02", "unnamed.pdf"),
    ],
)
def test_a_name_is_the_last_part_of_a_path_without_what_nobody_sees(
    given_name: str, kept: str
) -> None:
    assert safe_name(given_name, "application/pdf") == kept


@pytest.mark.parametrize("name", [".", "..", "a/..", "..\\..", "a/\0."])
def test_a_name_that_means_a_folder_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="can't be named"):
        safe_name(name, "text/plain")


def test_a_long_name_keeps_its_suffix() -> None:
    short = safe_name("x" * 5000 + ".tar", "text/plain")
    assert len(short) == LONGEST
    assert short.endswith("x.tar")


@given(st.text())
def test_no_name_leads_elsewhere_or_hides_a_character(name: str) -> None:
    try:
        kept = safe_name(name, "text/plain")
    except BadRequest:
        return
    assert 0 < len(kept) <= LONGEST
    assert not {"/", "\\", "\0", "\n"} & set(kept)
    assert not any(unicodedata.category(each).startswith("C") for each in kept)
    assert safe_name(kept, "text/plain") == kept
